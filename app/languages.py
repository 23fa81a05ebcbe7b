"""The window's language: the user's choice, else the system's, else English, in which the texts are written.

Translations are `resources/translations/steadyscope_CODE.ts`, made with
`pyside6-lupdate -tr-function-alias QT_TR_NOOP+=_ app/*.py app/*/*.py -ts FILE.ts` and compiled with `pyside6-lrelease`.
lupdate does not see the context "Bench", the words that the engine's steps say, and calls it vanished: that one is kept
by hand, under a test, and `-no-obsolete` would lose it.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

import resources


def install_language(application: QCoreApplication, code: str) -> bool:
    """Translate from now on; call before the window is built. `code` "" means the system's language."""
    wanted = code or QLocale.system().name()[:2]
    translator = QTranslator(application)
    if wanted == "en" or not translator.load(str(resources.path(f"translations/steadyscope_{wanted}.qm"))):
        return False
    QLocale.setDefault(QLocale(wanted))
    return application.installTranslator(translator)
