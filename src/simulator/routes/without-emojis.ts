/** Aircall strips emojis from comments and tags without a word. Digits, # and * are no emojis, whatever Unicode says. */
export function withoutEmojis(text: string): string {
  return text.replaceAll(emojiPart, '').trim();
}

// A pictogram, half of a flag, a skin tone, or what joins and styles them.
const emojiPart = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\uFE0F|\u200D/gu;
