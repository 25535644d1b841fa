// The fields of a team, which calls repeat without its users.
import { field } from '../field.ts';

export const teamFields = {
  id: field.id('Identifies the team.'),
  name: field.text('The name, unique in the company.', { class: 'freetext' }),
  direct_link: field.text('Address of the team in the API.', { form: 'api-link' }),
  created_at: field.moment('iso', 'When the team was created.'),
} as const;
