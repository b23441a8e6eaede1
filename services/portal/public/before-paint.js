// Before the first paint, so that nothing flashes: the theme, language and direction that were chosen here.
;(() => {
  try {
    const root = document.documentElement
    const theme = localStorage.getItem('portcullis.theme')
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
    const language = localStorage.getItem('portcullis.language')
    if (language === 'de' || language === 'en' || language === 'ar') {
      root.lang = language
      root.dir = language === 'ar' ? 'rtl' : 'ltr'
    }
  } catch {
    // A browser that keeps nothing for pages: the system's theme.
  }
})()
