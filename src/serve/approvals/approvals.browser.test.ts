// The approvals pages as people see them: on a phone and at a desk, in light and in the dark, without JavaScript.
// oxlint-disable-next-line import/default -- CommonJS, which has no default export to see
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openApprovalsLab } from '../../../test/support/approvals-lab.ts';
import type { ApprovalsLab } from '../../../test/support/approvals-lab.ts';
import { desk, openBrowser, phone, photograph } from '../../../test/support/browser.ts';
import type { Screen } from '../../../test/support/browser.ts';

const screens: readonly (readonly [string, Screen])[] = [
  ['a phone', phone],
  ['a phone in the dark', { ...phone, dark: true }],
  ['a desk', desk],
  ['a desk in the dark', { ...desk, dark: true }],
];

describe.each(screens)('on %s', (name, screen) => {
  test('a person logs in, reads what is asked, approves and sees what became of it, and every page holds up', async () => {
    const { lab, id, password } = await waiting();
    const { page, complaints } = await openBrowser(screen);
    const look = async (what: string) => {
      await photograph(page, `${name.replaceAll(' ', '-')}-${what}`);
      await holdsUp(page);
    };
    await page.goto(`${lab.url}/approvals/${id}`);
    await look('1-login');
    await page.getByLabel('Your name').fill('Olga Stein');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Log in' }).click();
    await look('2-login-refused');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
    await look('3-approval');
    await page.getByRole('link', { name: 'All that waits' }).click();
    await look('4-list');
    await page.getByRole('link', { name: 'Billing Bot asks to delete contact 4711.' }).click();
    await page.getByLabel('Why').fill('The customer asked for it.');
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await page.getByRole('status').textContent()).toContain('You approved it');
    await look('5-approved');
    await page.getByRole('link', { name: 'Olga Stein' }).click();
    await look('6-password');
    await page.getByRole('button', { name: 'Log out' }).click();
    expect(new URL(page.url()).pathname).toBe('/approvals/login');
    expect(lab.approval(id)).toMatchObject({ state: 'approved', decidedBy: 'Olga Stein' });
    // The refused password is the one thing a browser has a word for: the page came with status 403.
    expect(complaints.filter((text) => !text.includes('status of 403'))).toEqual([]);
  });
});

test('nothing of it needs JavaScript', async () => {
  const { lab, id, password } = await waiting();
  const { page } = await openBrowser(phone, { javaScript: false });
  await page.goto(`${lab.url}/approvals/${id}`);
  await logIn(page, password);
  await page.getByRole('button', { name: 'Refuse' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('You refused it');
  expect(lab.approval(id)).toMatchObject({ state: 'refused' });
});

test('what an agent or a stranger wrote is shown as it is, and does nothing', async () => {
  const lab = await openApprovalsLab();
  const agent = await lab.agent('Billing Bot');
  const password = await lab.person('Olga Stein');
  const evil = [
    '<script>document.title = "owned"</script>',
    '"><img src=x onerror=alert(1)>',
    "'/><svg/onload=alert(1)>",
    '</textarea></form><form action="/approvals/AP-1" method="post"><button>Approve</button>',
    '<style>body{display:none}</style><meta http-equiv="refresh" content="0;url=https://example.com">',
    '&lt;b&gt;\u202egnp.exe\u2066\u{e0041}',
    'javascript:alert(1)',
  ];
  const id = await lab.asks(agent, 'calls.comment', { at: { id: '812345' }, body: { content: evil.join(' ') } }, evil.join(' '));
  const { page, complaints } = await openBrowser({ ...phone, dark: true });
  await page.goto(`${lab.url}/approvals/${id}`);
  await logIn(page, password);
  await photograph(page, 'hostile-text');
  await holdsUp(page);
  expect(await page.title()).toBe('AP-1: waits · Trunkline');
  const shown = await page.locator('dl.values').textContent();
  expect(await page.locator('.sentence').textContent()).toContain('\ufffdgnp.exe\ufffd\ufffd');
  for (const text of evil.slice(0, 5)) expect(shown).toContain(JSON.stringify(text).slice(1, -1));
  expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u);
  expect(await page.locator('main script, main img, main svg, main style, main meta').count()).toBe(0);
  expect(await page.getByRole('button').allTextContents()).toEqual(['Log out', 'Refuse', 'Approve']);
  expect(complaints).toEqual([]);
});

test('were a script to get into a page all the same, the browser would refuse to run it', async () => {
  const { lab, id, password } = await waiting();
  const { page, complaints } = await openBrowser(desk);
  await page.goto(`${lab.url}/approvals/${id}`);
  await logIn(page, password);
  await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="document.title=1"><p style="color:red">x</p>');
    document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = "owned"' }));`);
  await expect.poll(() => complaints.filter((text) => text.includes('Content Security Policy')).length).toBeGreaterThanOrEqual(3);
  expect(await page.title()).toBe('AP-1: waits · Trunkline');
});

test('a link from another site leads to the approval of whoever is logged in, and to the login of whoever is not', async () => {
  const { lab, id, password } = await waiting();
  const other = lab.url.replace('127.0.0.1', 'localhost');
  const { page } = await openBrowser(phone);
  const follow = async () => {
    // Another site as far as cookies go; what stands there is the test's.
    await page.goto(`${other}/healthz`);
    await page.evaluate(`document.body.innerHTML = '<a href="${lab.url}/approvals/${id}">Approve</a>'`);
    await page.getByRole('link', { name: 'Approve' }).click();
  };
  await follow();
  await page.getByLabel('Your name').waitFor();
  await logIn(page, password);
  expect(new URL(page.url()).pathname).toBe(`/approvals/${id}`);
  await follow();
  await page.getByRole('button', { name: 'Refuse' }).waitFor();
  expect(new URL(page.url()).origin).toBe(lab.url);
});

test('a form on another site decides nothing, even for somebody who is logged in', async () => {
  const { lab, id, password } = await waiting();
  const other = lab.url.replace('127.0.0.1', 'localhost');
  const { page, context } = await openBrowser(desk);
  await page.goto(`${lab.url}/approvals/${id}`);
  await logIn(page, password);
  const token = await page.locator('main input[name=token]').getAttribute('value');
  const evil = await context.newPage();
  await evil.goto(`${other}/healthz`);
  // Even with the right token.
  await evil.evaluate(`document.body.innerHTML = '<form method="post" action="${lab.url}/approvals/${id}">' +
    '<input name="token" value="${token}"><button name="verdict" value="approve">Win</button></form>'`);
  await evil.getByRole('button', { name: 'Win' }).click();
  await evil.getByText('not sent from a page of Trunkline').waitFor();
  expect(lab.approval(id)).toMatchObject({ state: 'pending' });
  // Nor can it be put into a frame, where somebody is made to tap on what they do not see.
  await evil.goto(`${other}/healthz`);
  await evil.evaluate(`document.body.innerHTML = '<iframe src="${lab.url}/approvals/${id}"></iframe>'`);
  await expect.poll(() => evil.frames().some((frame) => frame.url().startsWith('chrome-error:'))).toBe(true);
});

test('whoever goes back to the form and sends it again is told what became of it', async () => {
  const { lab, id, password } = await waiting();
  const { page } = await openBrowser(phone);
  await page.goto(`${lab.url}/approvals/${id}`);
  await logIn(page, password);
  const form = await page.context().newPage();
  await form.goto(`${lab.url}/approvals/${id}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('status').waitFor();
  await form.getByRole('button', { name: 'Refuse' }).click();
  expect(await form.getByRole('alert').first().textContent()).toContain(
    'Nothing was changed. AP-1 does not wait any more: it was approved by Olga Stein.',
  );
  await photograph(form, 'too-late');
  expect(lab.approval(id)).toMatchObject({ state: 'approved' });
});

test('it can be done with the keyboard alone, and shows where it stands', async () => {
  const { lab, id, password } = await waiting();
  const { page } = await openBrowser(desk);
  await page.goto(`${lab.url}/approvals/login?next=${id}`);
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content');
  await page.getByLabel('Your name').focus();
  await page.keyboard.type('olga stein');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.getByLabel('Why').focus();
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent + getComputedStyle(document.activeElement).outlineStyle')).toBe(
    'Refusesolid',
  );
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('status').waitFor();
  expect(lab.approval(id)).toMatchObject({ state: 'approved' });
});

async function logIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('Your name').fill('Olga Stein');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Nothing to scroll sideways, nothing axe-core finds fault with, and room for a finger on everything that can be tapped. */
async function holdsUp(page: Page): Promise<void> {
  // The pages run no script; what a test asks of them, the browser itself answers.
  expect(await page.evaluate('document.documentElement.scrollWidth'), 'width').toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
  const small = await page.evaluate(`[...document.querySelectorAll('button, input:not([type=hidden], [hidden]), textarea, header a')]
    .filter((element) => element.getBoundingClientRect().height < 44).map((element) => element.outerHTML)`);
  expect(small).toEqual([]);
  await page.evaluate(axe.source);
  const faults = await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(standards)} })
    .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html + ' ' + node.failureSummary).join('; ')))`);
  expect(faults).toEqual([]);
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function waiting(): Promise<{ readonly lab: ApprovalsLab; readonly id: string; readonly password: string }> {
  const lab = await openApprovalsLab();
  const agent = await lab.agent('Billing Bot');
  const password = await lab.person('Olga Stein', { areas: ['calls', 'contacts', 'messages'] });
  const id = await lab.asks(agent, 'contacts.delete', { at: { id: '4711' } }, 'Billing Bot asks to delete contact 4711.');
  await lab.asks(
    agent,
    'calls.comment',
    {
      at: { id: '812345' },
      body: { content: `Call back on +33 6 12 34 56 78 \u202e <b onclick="alert(1)">today</b> ${'and-without-a-space'.repeat(12)} שלום` },
    },
    'Billing Bot asks to comment on call 812345.',
  );
  await lab.asks(agent, 'tags.create', { body: { name: 'VIP', color: '#00B388' } }, 'Billing Bot asks to create a tag.');
  return { lab, id, password };
}
