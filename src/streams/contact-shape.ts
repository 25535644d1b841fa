// What of a contact is stored: everything, with phone numbers and e-mail addresses as tables of their own.
import { contact } from '../aircall/index.ts';
import type { Shape } from '../rows/index.ts';

export const contactShape: Shape = { table: 'contacts', key: 'id', fields: contact.fields };
