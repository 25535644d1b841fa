// Keeps secrets out of the output, in every form in which a request or an address may carry them.

/** Shorter secrets are replaced in what we write ourselves only: in the data of others they may be ordinary words. */
const surelySecretLength = 16;

export interface Redactor {
  /** For logs and errors. */
  readonly text: (text: string) => string;
  /** For whole lines that hold the data of others. */
  readonly line: (line: string) => string;
}

export const noRedaction: Redactor = { text: (text) => text, line: (line) => line };

/** `pairs`: an id and its token, which travel together as one header. */
export function createRedactor(secrets: readonly string[], pairs: readonly (readonly [string, string])[] = []): Redactor {
  const plain = [...secrets, ...pairs.map(([id, token]) => `${id}:${token}`)].filter((secret) => secret !== '');
  const forms = longestFirst(plain.flatMap(formsOf));
  const lineForms = longestFirst(plain.filter((secret) => secret.length >= surelySecretLength).flatMap(formsOf));
  return { text: replacer(forms), line: replacer(lineForms) };
}

function formsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString('base64');
  const url = encodeURIComponent(secret);
  return [
    secret,
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURIComponent(base64),
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(secret).toString('base64url'),
    JSON.stringify(secret).slice(1, -1),
  ];
}

function longestFirst(forms: readonly string[]): readonly string[] {
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}

function replacer(forms: readonly string[]): (text: string) => string {
  // Whatever holds a longer form holds the shorter one in it, so that these few tell whether there is anything to do.
  const needles = forms.filter((form) => !forms.some((other) => other !== form && form.includes(other)));
  return (text) => {
    if (!needles.some((needle) => text.includes(needle))) return text;
    return forms.reduce((redacted, form) => redacted.replaceAll(form, '****'), text);
  };
}
