// The company's contacts: found by id, listed by when they were made or last changed.
import { Random, seedOf } from '../random.ts';
import { drawPhoneNumber } from './phone-numbers.ts';
import type { ContactDetail, ContactState } from './state.ts';
import { TimeIndex } from './time-index.ts';
import { drawCompanyName, drawName, drawRemark, emailAddress, labels } from './words.ts';

const firstContactId = 61_000_001;
const firstDetailId = 81_000_001;

export type ContactDraw = { readonly seed: number; readonly count: number; readonly from: number; readonly to: number };

export class ContactBook {
  /** Orders slots by `created_at`. */
  readonly byCreation: TimeIndex;
  /** Orders slots by `updated_at`. */
  readonly byUpdate: TimeIndex;
  readonly #founding: readonly ContactState[];
  readonly #current: (ContactState | undefined)[];
  /** Slots by id; a removed contact keeps its slot. */
  readonly #slots = new Map<number, number>();
  readonly #first: ContactState[];
  #nextId: number;
  #nextDetailId: number;

  constructor(draw: ContactDraw) {
    const drawn = drawContacts(draw);
    this.#founding = drawn;
    this.#current = [...drawn];
    this.#first = [...drawn];
    for (const [slot, contact] of drawn.entries()) this.#slots.set(contact.id, slot);
    this.byCreation = new TimeIndex(Uint32Array.from(drawn, (contact) => contact.createdAt));
    this.byUpdate = new TimeIndex(new Uint32Array(0));
    const order = drawn.map((_, slot) => slot).sort((a, b) => (drawn[a]?.updatedAt ?? 0) - (drawn[b]?.updatedAt ?? 0));
    for (const slot of order) this.byUpdate.insert(slot, drawn[slot]?.updatedAt ?? 0);
    this.#nextId = firstContactId + drawn.length * 2;
    this.#nextDetailId = firstDetailId + drawn.length * 8;
  }

  get count(): number {
    return this.byCreation.count;
  }

  /** The contacts the company began with, including those deleted since. */
  get founding(): { readonly count: number; at(index: number): ContactState } {
    const contacts = this.#founding;
    return {
      count: contacts.length,
      at: (index) => {
        const contact = contacts[index];
        if (contact === undefined) throw new RangeError('There is no such contact.');
        return contact;
      },
    };
  }

  nextId(): number {
    return this.#nextId++;
  }

  nextDetailId(): number {
    return this.#nextDetailId++;
  }

  get(id: number): ContactState | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : this.#current[slot];
  }

  /** The contact as it was when it was added, also of one removed since. */
  first(id: number): ContactState | undefined {
    const slot = this.#slots.get(id);
    return slot === undefined ? undefined : this.#first[slot];
  }

  atSlot(slot: number): ContactState | undefined {
    return this.#current[slot];
  }

  /** All that live, in no particular order. */
  *all(): IterableIterator<ContactState> {
    for (const contact of this.#current) if (contact !== undefined) yield contact;
  }

  /** Adds a contact, or replaces the one with the same id. */
  put(contact: ContactState): void {
    const slot = this.#slots.get(contact.id);
    if (slot === undefined) {
      const added = this.#current.push(contact) - 1;
      this.#first[added] = contact;
      this.#slots.set(contact.id, added);
      this.byCreation.insert(added, contact.createdAt);
      this.byUpdate.insert(added, contact.updatedAt);
      return;
    }
    if (this.#current[slot] === undefined) {
      this.byCreation.insert(slot, contact.createdAt);
      this.byUpdate.insert(slot, contact.updatedAt);
    }
    this.#current[slot] = contact;
    this.byCreation.move(slot, contact.createdAt);
    this.byUpdate.move(slot, contact.updatedAt);
  }

  /** Whether there was such a contact. */
  remove(id: number): boolean {
    const slot = this.#slots.get(id);
    if (slot === undefined || this.#current[slot] === undefined) return false;
    this.#current[slot] = undefined;
    this.byCreation.remove(slot);
    this.byUpdate.remove(slot);
    return true;
  }
}

/** Every new account holds two contacts of the vendor; the rest came in over the years, some imported in one second. */
function drawContacts({ seed, count, from, to }: ContactDraw): ContactState[] {
  const contacts: ContactState[] = [];
  const random = new Random(seedOf(seed, 12));
  const moments = Uint32Array.from({ length: Math.max(0, count - 2) }, () => from + random.below(Math.max(1, to - from))).sort();
  for (let index = 0; index < count; index += 1) {
    if (index < 2) {
      contacts.push(vendorContact(index, from));
      continue;
    }
    const previous = contacts[index - 1]?.createdAt ?? from;
    const createdAt = random.chance(0.05) ? previous : Math.max(previous, moments[index - 2] ?? from);
    contacts.push(drawContact(new Random(seedOf(seed, 13, index)), index, createdAt, to));
  }
  return contacts;
}

function vendorContact(index: number, createdAt: number): ContactState {
  const isSupport = index === 0;
  return {
    id: firstContactId + index * 2,
    createdAt,
    updatedAt: createdAt,
    firstName: 'Aircall',
    lastName: isSupport ? 'Support' : 'Echo Test',
    information: isSupport ? 'Call us when something does not work' : 'Hear yourself to test your line',
    companyName: 'Aircall',
    phoneNumbers: [{ value: isSupport ? '+15550109998' : '+15550109999', id: firstDetailId + index * 8, label: 'Work' }],
    emails: isSupport ? [{ value: 'support@example.com', id: firstDetailId + index * 8 + 1, label: 'Work' }] : [],
  };
}

function drawContact(random: Random, index: number, createdAt: number, to: number): ContactState {
  const name = drawName(random);
  const isTouched = random.chance(0.35);
  const phones = random.chance(0.05) ? 0 : random.chance(0.85) ? 1 : random.between(2, 4);
  const emails = random.chance(0.45) ? 0 : random.chance(0.9) ? 1 : random.between(2, 3);
  // Phone numbers and addresses share one sequence of ids.
  let detailId = firstDetailId + index * 8;
  const detail = (value: string): ContactDetail => ({ value, id: detailId++, label: random.pick(labels) });
  return {
    id: firstContactId + index * 2,
    createdAt,
    updatedAt: isTouched ? createdAt + random.below(Math.max(1, to - createdAt)) : createdAt,
    firstName: random.chance(0.95) ? name.first : null,
    lastName: random.chance(0.85) ? name.last : null,
    information: random.chance(0.3) ? (random.chance(0.5) ? `crm:${index}` : drawRemark(random)) : null,
    companyName: random.chance(0.6) ? drawCompanyName(random) : null,
    phoneNumbers: Array.from({ length: phones }, () => detail(drawPhoneNumber(random).e164)),
    emails: Array.from({ length: emails }, (_, place) => detail(emailAddress(name, index * 10 + place))),
  };
}
