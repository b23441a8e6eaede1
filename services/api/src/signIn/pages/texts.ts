/** Why somebody isn't signed in; in addresses and the log as `sign-in.<reason>`. */
export type SignInFault =
  | 'cancelled'
  | 'expired'
  | 'provider-refused'
  | 'provider-unreachable'
  | 'not-valid'
  | 'nobody'
  | 'several'
  | 'conflict'
  | 'disabled'
  | 'too-many'
  | 'failed'

export const LANGUAGES = ['en', 'de', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]

export interface Texts {
  readonly direction: 'ltr' | 'rtl'
  readonly title: string
  readonly again: string
  readonly asAnother: string
  readonly code: string
  readonly requestId: string
  readonly tellThem: string
  readonly faults: Readonly<Record<SignInFault, string>>
}

export const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    direction: 'ltr',
    title: 'You are not signed in',
    again: 'Sign in again',
    asAnother: 'Sign in with another account',
    code: 'Code',
    requestId: 'Request',
    tellThem: 'If it goes on, give these two lines to whoever runs this portal:',
    faults: {
      cancelled: 'The sign-in was cancelled.',
      expired:
        'This sign-in was used already, is older than ten minutes, or was begun in another browser.',
      'provider-refused': 'Your organisation’s sign-in page refused to sign you in here.',
      'provider-unreachable':
        'Your organisation’s sign-in can’t be reached now. Try again in a minute.',
      'not-valid': 'What your organisation’s sign-in sent can’t be trusted, so it isn’t used.',
      nobody:
        'You signed in, but nobody in this portal’s directory has that account. Perhaps you are new, or used another account than usual.',
      several:
        'You signed in, but more than one person in this portal’s directory fits that account, so it isn’t clear who you are.',
      conflict:
        'You signed in, but the person whom that account fits has another one here. It has to be looked at before you can use it.',
      disabled: 'You signed in, but your access to this portal has ended.',
      'too-many':
        'There were too many sign-ins from this network in the last minute. Wait a minute.',
      failed: 'Something went wrong on our side.',
    },
  },
  de: {
    direction: 'ltr',
    title: 'Sie sind nicht angemeldet',
    again: 'Erneut anmelden',
    asAnother: 'Mit einem anderen Konto anmelden',
    code: 'Code',
    requestId: 'Anfrage',
    tellThem: 'Wenn das so bleibt, geben Sie diese beiden Zeilen an den Betrieb dieses Portals:',
    faults: {
      cancelled: 'Die Anmeldung wurde abgebrochen.',
      expired:
        'Diese Anmeldung wurde schon benutzt, ist älter als zehn Minuten oder wurde in einem anderen Browser begonnen.',
      'provider-refused': 'Die Anmeldeseite Ihrer Organisation hat Sie hier nicht angemeldet.',
      'provider-unreachable':
        'Die Anmeldung Ihrer Organisation ist gerade nicht zu erreichen. Versuchen Sie es in einer Minute wieder.',
      'not-valid':
        'Was die Anmeldung Ihrer Organisation geschickt hat, ist nicht vertrauenswürdig und wird nicht benutzt.',
      nobody:
        'Sie haben sich angemeldet, aber niemand im Verzeichnis dieses Portals hat dieses Konto. Vielleicht sind Sie neu oder haben ein anderes Konto als sonst benutzt.',
      several:
        'Sie haben sich angemeldet, aber im Verzeichnis dieses Portals passt mehr als eine Person zu diesem Konto. Es ist nicht klar, wer Sie sind.',
      conflict:
        'Sie haben sich angemeldet, aber die Person, zu der dieses Konto passt, hat hier ein anderes. Das muss geklärt werden, bevor Sie es benutzen können.',
      disabled: 'Sie haben sich angemeldet, aber Ihr Zugang zu diesem Portal ist beendet.',
      'too-many':
        'In der letzten Minute gab es zu viele Anmeldungen aus diesem Netz. Warten Sie eine Minute.',
      failed: 'Bei uns ist etwas schiefgegangen.',
    },
  },
  ar: {
    direction: 'rtl',
    title: 'لم يتم تسجيل دخولك',
    again: 'سجّل الدخول مرة أخرى',
    asAnother: 'سجّل الدخول بحساب آخر',
    code: 'الرمز',
    requestId: 'الطلب',
    tellThem: 'إذا استمرّ ذلك فأعطِ هذين السطرين لمن يدير هذه البوابة:',
    faults: {
      cancelled: 'أُلغي تسجيل الدخول.',
      expired:
        'استُخدم تسجيل الدخول هذا من قبل، أو مضى عليه أكثر من عشر دقائق، أو بدأ في متصفح آخر.',
      'provider-refused': 'رفضت صفحة تسجيل الدخول في مؤسستك إدخالك إلى هنا.',
      'provider-unreachable':
        'لا يمكن الوصول الآن إلى تسجيل الدخول في مؤسستك. حاول مرة أخرى بعد دقيقة.',
      'not-valid': 'لا يمكن الوثوق بما أرسله تسجيل الدخول في مؤسستك، لذلك لم يُستخدم.',
      nobody:
        'سجّلت الدخول، لكن لا أحد في دليل هذه البوابة لديه هذا الحساب. ربما أنت جديد أو استخدمت حسابًا غير المعتاد.',
      several:
        'سجّلت الدخول، لكن أكثر من شخص في دليل هذه البوابة يطابق هذا الحساب، فليس واضحًا من أنت.',
      conflict:
        'سجّلت الدخول، لكن الشخص الذي يطابق هذا الحساب لديه حساب آخر هنا. يجب التحقق من ذلك قبل أن تستخدمه.',
      disabled: 'سجّلت الدخول، لكن وصولك إلى هذه البوابة انتهى.',
      'too-many':
        'كانت هناك محاولات كثيرة لتسجيل الدخول من هذه الشبكة في الدقيقة الأخيرة. انتظر دقيقة.',
      failed: 'حدث خطأ من جانبنا.',
    },
  },
}
