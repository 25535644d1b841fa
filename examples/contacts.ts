// Walks over all contacts, however many there are. Aircall lists 10,000 rows of one query at most, so the walk goes on from
// the last contact's creation whenever it reaches that limit, and skips the few it has seen already.
import { BeyondTheCap } from 'trunkline/client';
import { aircall } from './client.ts';

const seen = new Set<string>();
let withEmail = 0;
let from = 0;

for (let done = false; !done;) {
  const before = seen.size;
  let last = from;
  try {
    for await (const page of aircall.contacts.list({ from, order: 'asc' }).pages()) {
      for (const contact of page.rows) {
        last = contact.created_at;
        if (seen.has(String(contact.id))) continue;
        seen.add(String(contact.id));
        if (contact.emails.length > 0) withEmail += 1;
      }
    }
    done = true;
  } catch (error) {
    if (!(error instanceof BeyondTheCap) || seen.size === before) throw error;
    from = last;
  }
}
console.log(`${seen.size} contacts, ${withEmail} of them with an e-mail address.`);

await aircall.close();
