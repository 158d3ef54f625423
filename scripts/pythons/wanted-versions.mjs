// The versions of CPython that set-up brings, and that `npm test` and continuous integration demand, the oldest first.

export const wantedVersions = ['3.14', '3.15']
