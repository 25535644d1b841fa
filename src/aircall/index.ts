// aircall/: what Aircall's public API is, written once as data. In: nothing. Out: descriptions of fields, endpoints,
// events and limits, and the types that follow from them. Never: requests, files, state.
export { entity, field } from './field.ts';
export type {
  Entity,
  EntityOf,
  Field,
  FieldClass,
  Fields,
  Id,
  JsonField,
  ListField,
  MomentWire,
  ObjectField,
  RecordOf,
  ScalarField,
  ValueOf,
} from './field.ts';
export { areas, effects, endpoint } from './endpoint.ts';
export type { Answer, Area, Effect, Endpoint, Method, Pagination, Parameter, Parameters, Refusal, TimeFilter } from './endpoint.ts';
