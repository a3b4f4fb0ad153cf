import type { MailLanguage } from '@mart/service-kit/mail-letter'

export type LinkKind = 'verify_email' | 'reset_password' | 'change_email'
export type MailKind = LinkKind | 'password_changed' | 'account_exists' | 'email_changed'

interface Wording {
  readonly subject: string
  readonly why: string
  /** On the link, where there is one. */
  readonly button?: string
  readonly until: string
}

interface MailWords {
  readonly greeting: (name: string) => string
  readonly mails: Readonly<Record<LinkKind, Required<Wording>> & Record<MailKind, Wording>>
}

const english: MailWords = {
  greeting: (name) => `${`Hello ${name}`.trim()},`,
  mails: {
    verify_email: {
      subject: 'Is this your e-mail address?',
      why: 'Somebody, most likely you, opened an account at AI Mart with this address. Please confirm that it is yours:',
      button: 'Confirm my e-mail address',
      until:
        'The link works for 24 hours. If it was not you, do nothing. If you wanted a new password: confirm first, then ask for it once more.',
    },
    reset_password: {
      subject: 'Set a new password',
      why: 'Somebody, most likely you, asked for a new password for your account at AI Mart:',
      button: 'Set a new password',
      until: 'The link works once, for one hour. If it was not you, do nothing: your password stays as it is.',
    },
    change_email: {
      subject: 'Is this your new e-mail address?',
      why: 'Somebody, most likely you, wants to use this address for an account at AI Mart. Please confirm that it is yours:',
      button: 'Use this address',
      until: 'The link works once, for 24 hours. If it was not you, do nothing.',
    },
    password_changed: {
      subject: 'Your password was changed',
      why: 'The password of your account at AI Mart was changed just now, and all other sessions were ended.',
      until: 'If it was not you, set a new one now: choose "forgotten password" where you sign in.',
    },
    account_exists: {
      subject: 'You have an account already',
      why: 'Somebody, most likely you, wanted to open an account at AI Mart with this address, but you have one already.',
      until:
        'Sign in as always, or choose "forgotten password" there. If it was not you, do nothing: nothing was changed.',
    },
    email_changed: {
      subject: 'Your e-mail address was changed',
      why: 'Your account at AI Mart has another e-mail address from now on; this one is not used any more.',
      until: 'If it was not you, tell the shop at once: answer this mail.',
    },
  },
}

const urdu: MailWords = {
  greeting: (name) => `${`السلام علیکم ${name}`.trim()}،`,
  mails: {
    verify_email: {
      subject: 'کیا یہ آپ کی ای میل ہے؟',
      why: 'کسی نے، غالباً آپ نے، اس ای میل سے AI Mart پر اکاؤنٹ کھولا ہے۔ براہِ کرم تصدیق کریں کہ یہ آپ کی ہے:',
      button: 'میری ای میل کی تصدیق کریں',
      until:
        'لنک 24 گھنٹے چلتا ہے۔ اگر یہ آپ نہیں تھے تو کچھ نہ کریں۔ اگر آپ نیا پاس ورڈ چاہتے تھے: پہلے تصدیق کریں، پھر دوبارہ منگوائیں۔',
    },
    reset_password: {
      subject: 'نیا پاس ورڈ لگائیں',
      why: 'کسی نے، غالباً آپ نے، AI Mart پر آپ کے اکاؤنٹ کے لیے نیا پاس ورڈ مانگا ہے:',
      button: 'نیا پاس ورڈ لگائیں',
      until: 'لنک ایک بار، ایک گھنٹے تک چلتا ہے۔ اگر یہ آپ نہیں تھے تو کچھ نہ کریں: آپ کا پاس ورڈ وہی رہے گا۔',
    },
    change_email: {
      subject: 'کیا یہ آپ کی نئی ای میل ہے؟',
      why: 'کوئی، غالباً آپ، AI Mart کے ایک اکاؤنٹ میں یہ ای میل استعمال کرنا چاہتا ہے۔ براہِ کرم تصدیق کریں کہ یہ آپ کی ہے:',
      button: 'یہی ای میل لگائیں',
      until: 'لنک ایک بار، 24 گھنٹے تک چلتا ہے۔ اگر یہ آپ نہیں تھے تو کچھ نہ کریں۔',
    },
    password_changed: {
      subject: 'آپ کا پاس ورڈ بدل گیا',
      why: 'AI Mart پر آپ کے اکاؤنٹ کا پاس ورڈ ابھی بدلا گیا ہے، اور باقی تمام آلات سائن آؤٹ کر دیے گئے ہیں۔',
      until: 'اگر یہ آپ نہیں تھے تو ابھی نیا پاس ورڈ لگائیں: سائن ان کے صفحے پر ”پاس ورڈ بھول گئے؟“ چنیں۔',
    },
    account_exists: {
      subject: 'آپ کا اکاؤنٹ پہلے سے موجود ہے',
      why: 'کسی نے، غالباً آپ نے، اس ای میل سے AI Mart پر اکاؤنٹ کھولنا چاہا، لیکن آپ کا اکاؤنٹ پہلے سے ہے۔',
      until:
        'ہمیشہ کی طرح سائن ان کریں، یا وہاں ”پاس ورڈ بھول گئے؟“ چنیں۔ اگر یہ آپ نہیں تھے تو کچھ نہ کریں: کچھ نہیں بدلا۔',
    },
    email_changed: {
      subject: 'آپ کی ای میل بدل گئی',
      why: 'اب سے AI Mart پر آپ کے اکاؤنٹ کی ای میل کوئی اور ہے؛ یہ اب استعمال نہیں ہوتی۔',
      until: 'اگر یہ آپ نے نہیں کیا تو فوراً دکان کو بتائیں: اس ای میل کا جواب دیں۔',
    },
  },
}

export const mailWords: Readonly<Record<MailLanguage, MailWords>> = { en: english, ur: urdu }
