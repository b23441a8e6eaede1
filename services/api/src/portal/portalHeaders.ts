/** Where browsers report what the page's policy forbade. */
export const REPORTS_PATH = '/csp-reports'

const OFF = [
  'accelerometer',
  'autoplay',
  'browsing-topics',
  'camera',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'usb',
  'xr-spatial-tracking',
]

/**
 * What a page of the portal may do: run and show what this server gives it, and ask this server. No script or style of
 * a page's own text, no text made into script (Trusted Types), no frame around it.
 * Signing in begins with a link and not with a form, so that no form leads elsewhere.
 */
export const PORTAL_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    // The first for browsers without the Reporting API.
    `report-uri ${REPORTS_PATH}`,
    'report-to csp',
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': OFF.map((feature) => `${feature}=()`).join(', '),
  'Reporting-Endpoints': `csp="${REPORTS_PATH}"`,
}
