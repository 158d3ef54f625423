import { expect, test } from 'vitest'
import { DEFAULT_MASK, maskUrls } from './mask.js'

const secret = `
  password passwd Password PASSWORD user_password passwordHash password2 db_passwd passphrase PGPASSWORD mysql_password
  secret SECRET_KEY client_secret clientSecret clientsecret secret_id secrets aws_secret_access_key
  token access_token accessToken auth-token X-Amz-Security-Token csrftoken csrfmiddlewaretoken token_value access_tokens
  api_key apiKey APIKey apikey api_keys X-Api-Key private_key privateKeys session_key encryption_key api_key_b64 API_KEY_2
  authorization Authorization Proxy-Authorization cookie Cookie Set-Cookie session_cookie cookies cookie_jar
  credentials credential_store db_pwd bearer next_page_token
`

const plain = `
  key primary_key sort_key foreign_key public_key cache_key keys keyboard monkey key_count idempotency_key partitionKey
  tokens token_count max_tokens num_tokens tokenizer tokenize token_type token_url prompt_tokens eos_token pad_token
  password_validators PASSWORD_HASHERS password_reset_timeout password_length has_password is_secret passwordless
  secretary cookiecutter cookie_name SESSION_COOKIE_AGE cookie_domain secret_name pwd PWD authorization_url author
  compass bypass passwords_count access_key_id name x _ 123
`

test.each(split(secret))('%s is masked', (name) => {
  expect(DEFAULT_MASK.test(name)).toBe(true)
})

test.each(split(plain))('%s is not', (name) => {
  expect(DEFAULT_MASK.test(name)).toBe(false)
})

test.each([
  ['postgresql://user:pass@host:5432/db', 'postgresql://user:***@host:5432/db'],
  ['redis://:pass@host', 'redis://:***@host'],
  ['two: amqp://a:b@c, mongodb+srv://d:e@f/g?h=i@j', 'two: amqp://a:***@c, mongodb+srv://d:***@f/g?h=i@j'],
  ['https://u:p@ss@host/', 'https://u:***@host/'],
  ['https://u:p/a?s#s@host/', 'https://u:***@host/'],
  ['https://host:8080/a@b', 'https://host:8080/a@b'],
  ['https://host:8080?a=b@c', 'https://host:8080?a=b@c'],
  ['https://user@host/path', 'https://user@host/path'],
  ['https://host/a:b@c', 'https://host/a:b@c'],
  ['no://url', 'no://url'],
])('the password of %s', (text, masked) => {
  expect(maskUrls(text)).toBe(masked)
})

test('a password that is cut is none to show', () => {
  expect(maskUrls('redis://user:pas', true)).toBe('redis://user:***')
  expect(maskUrls('redis://user:pas')).toBe('redis://user:pas')
  // It may be a port, or the digits with which a password begins.
  expect(maskUrls('redis://host:6379', true)).toBe('redis://host:***')
})

test('long texts take no long time', () => {
  const start = performance.now()
  for (const text of ['a://b:'.repeat(20_000), `a://${'b'.repeat(100_000)}`, `a://b:${'@'.repeat(100_000)}/`])
    maskUrls(text, true)
  expect(performance.now() - start).toBeLessThan(2_000)
})

function split(text: string): string[] {
  return text.trim().split(/\s+/)
}
