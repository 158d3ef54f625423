// Which values nobody else should see: by the words of the name under which they stand, and passwords within URLs.
// All commands that read values ask here. Where a name may be meant either way, it is taken for a secret.

/** Tells by a name or key whether what stands under it is shown. A regular expression is one. */
export interface Mask {
  test(name: string): boolean
}

export const MASKED = '<masked>'
const MASKED_PASSWORD = '***'

/** Names that often hold what nobody else should see. */
export const DEFAULT_MASK: Mask = { test: soundsSecret }

/** Secret by themselves, whatever stands before them. */
const SECRETS = words(
  'password passwords passwd passphrase passphrases passcode secret secrets credential credentials authorization bearer',
  'cookie cookies',
)
/** Written together with what stands before them, too. */
const GLUED =
  /(password|passwd|passphrase|secret|credentials?|(api|auth|access|private|secret|signing|encryption|master)keys?|(api|auth|access|refresh|bearer|session|csrf|xsrf|middleware|id)tokens?)$/
/** What comes after a secret without being one: what is said about it. */
const ABOUT = words(
  'age algorithm at attempts backend callback changed class count counts created date dir domain enabled encoding endpoint',
  'error errors expired expires expiration expiry factory field fields file form format func function getter handler hasher',
  'hashers header hint httponly index input label len length limit manager max min name names param path pattern policy',
  'prefix provider regex required reset samesite scheme secure size strength timeout ttl type types updated uri url valid',
  'validator validators version view widget',
)
/** What makes a question or a number of what comes behind it. */
const ASKING = words('has is max min n needs num number requires show total use uses with')
/** Kinds of keys, and of tokens where there are several, that are secret. */
const SECRET_KINDS = words(
  'access account admin api app auth aws bearer cipher client crypto csrf encryption hmac id jwt license master oauth private',
  'refresh root rsa secret security service session shared signature signing ssh ssl storage stripe symmetric tls webhook xsrf',
)
/** Tokens of a text. */
const TEXT_KINDS = words('bos cls eos mask pad sep unk')
/** Behind a secret, another form of it. */
const FORMS = words('b64 base64 bytes hash hex new old plain raw str string text value')

function soundsSecret(name: string): boolean {
  const parts = splitWords(name)
  const last = parts.at(-1)
  if (last === undefined || ASKING.has(parts[0] as string) || ABOUT.has(last)) return false
  if (parts.some((part) => SECRETS.has(part) || GLUED.test(part))) return true
  const noun = parts.findLastIndex((part) => !FORMS.has(part))
  const kind = parts[noun - 1] ?? ''
  switch (parts[noun]) {
    case 'token':
      return !TEXT_KINDS.has(kind)
    case 'tokens':
    case 'key':
    case 'keys':
      return SECRET_KINDS.has(kind)
    // Alone it is the folder that a shell is in.
    case 'pwd':
      return noun > 0
    default:
      return false
  }
}

/** `userAPIKey_2` is `user`, `api`, `key`. */
function splitWords(name: string): string[] {
  const found = name.match(/b64|base64|\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}]+|\p{Lu}+/gu) ?? []
  return found.map((word) => word.toLowerCase())
}

function words(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(' ')))
}

/** Up to the colon behind a user's name. */
const USER = String.raw`[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:\/?#@]{0,200}:`
/** Of a URL as it should be; or not quoted as it should have been, where it begins with no port. */
const PASSWORD = String.raw`(?:[^\s\/?#]{0,1000}|(?!\d*[\/?#])[^\s"'<>]{0,1000})`
const PASSWORDS = new RegExp(`(${USER})${PASSWORD}@`, 'gi')
const CUT_OFF = new RegExp(String.raw`(${USER})[^\s\/?#@]*$`, 'i')

/**
 * The text with the passwords of its URLs masked: `https://user:***@host`.
 * @param isCut There is more of the text: the password of a URL at its end may go on.
 */
export function maskUrls(text: string, isCut = false): string {
  if (!text.includes('://')) return text
  const masked = text.replace(PASSWORDS, `$1${MASKED_PASSWORD}@`)
  return isCut ? masked.replace(CUT_OFF, `$1${MASKED_PASSWORD}`) : masked
}
