/** The URL of a log without its password, for messages, files and the arguments of other programs. */
export const withoutPassword = (url: string): string => {
  const { scheme, user, isLoggedIn, server, parameters } = splitUrl(url)
  const query = parameters.filter(parameter => !isPassword(parameter)).join('&')
  return `${scheme}${isLoggedIn ? `${user}@` : ''}${server}${query === '' ? '' : `?${query}`}`
}

/**
 * The URL of a log that a file names, for other processes, for which the user names it: its server gets a password by
 * SCRAM only.
 */
export const requireScram = (url: string): string =>
  /[?&]require_auth=/.test(url) ? url : `${url}${url.includes('?') ? '&' : '?'}require_auth=scram-sha-256,none`

/** True if a URL has the scheme of a log on a server. */
export const isServerUrl = (url: string): boolean => /^postgres(?:ql)?:/i.test(url)

/** True if the URL of a log contains a password, or something that may be one because the URL is malformed. */
export const hasPassword = (url: string): boolean => {
  const { password, parameters } = splitUrl(url)
  return password !== '' || parameters.some(isPassword)
}

const splitUrl = (url: string) => {
  const [, scheme = '', rest = ''] = /^([^:/?@]*:\/\/)?(.*)$/s.exec(url) ?? []
  // The last one: a password that is not percent-encoded may contain @, and before it / or ?.
  const at = rest.lastIndexOf('@')
  const [user = '', ...password] = rest.slice(0, Math.max(0, at)).split(':')
  const [server = '', ...query] = rest.slice(at + 1).split('?')
  const parameters = query.join('?').split('&').filter(Boolean)
  return { scheme, user, isLoggedIn: at !== -1, password: password.join(':'), server, parameters }
}

const isPassword = (parameter: string): boolean => {
  try {
    return decodeURIComponent(parameter.split('=')[0] ?? '') === 'password'
  } catch {
    return true
  }
}
