<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name />
    <message>
        <source>Views</source>
        <translation>Ansichten</translation>
    </message>
    <message>
        <source>Safety</source>
        <translation>Sicherheit</translation>
    </message>
    <message>
        <source>Stabilization</source>
        <translation>Stabilisierung</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>Sitzung</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Raw</source>
        <translation>Roh</translation>
    </message>
    <message>
        <source>Enhanced</source>
        <translation>Verbessert</translation>
    </message>
    <message>
        <source>Stabilized</source>
        <translation>Stabilisiert</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>All three</source>
        <translation>Alle drei</translation>
    </message>
    <message>
        <source>One large</source>
        <translation>Eine groß</translation>
    </message>
    <message>
        <source>Compare with raw (hold)</source>
        <translation>Mit Rohbild vergleichen (halten)</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleich</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Show on the other display</source>
        <translation>Auf dem anderen Bildschirm zeigen</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>Einfrieren</translation>
    </message>
    <message>
        <source>Bypass the engine</source>
        <translation>Rechner umgehen</translation>
    </message>
    <message>
        <source>Bypass</source>
        <translation>Bypass</translation>
    </message>
    <message>
        <source>Lock on the tooth</source>
        <translation>Am Zahn festhalten</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>Halten</translation>
    </message>
    <message>
        <source>Anchor again</source>
        <translation>Neu verankern</translation>
    </message>
    <message>
        <source>Anchor</source>
        <translation>Anker</translation>
    </message>
    <message>
        <source>Next strength</source>
        <translation>Nächste Stärke</translation>
    </message>
    <message>
        <source>Tooth overlay</source>
        <translation>Zähne hervorheben</translation>
    </message>
    <message>
        <source>Tooth</source>
        <translation>Zahn</translation>
    </message>
    <message>
        <source>Flow overlay</source>
        <translation>Fluss zeigen</translation>
    </message>
    <message>
        <source>Flow</source>
        <translation>Fluss</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation>Drehen</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>Ganzes Bild</translation>
    </message>
    <message>
        <source>Live plots</source>
        <translation>Live-Kurven</translation>
    </message>
    <message>
        <source>Plots</source>
        <translation>Kurven</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Pause the recording</source>
        <translation>Aufnahme anhalten</translation>
    </message>
    <message>
        <source>Take a still</source>
        <translation>Standbild aufnehmen</translation>
    </message>
    <message>
        <source>Still</source>
        <translation>Standbild</translation>
    </message>
    <message>
        <source>Set a marker</source>
        <translation>Marke setzen</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Marke</translation>
    </message>
    <message>
        <source>Begin or end a range</source>
        <translation>Bereich beginnen oder beenden</translation>
    </message>
    <message>
        <source>Save the last half minute</source>
        <translation>Die letzte halbe Minute sichern</translation>
    </message>
    <message>
        <source>Choose source…</source>
        <translation>Quelle wählen …</translation>
    </message>
    <message>
        <source>Choose engine…</source>
        <translation>Rechner wählen …</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen …</translation>
    </message>
    <message>
        <source>Teach a pedal…</source>
        <translation>Pedal anlernen …</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Keys and manual</source>
        <translation>Tasten und Handbuch</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Size of text and buttons</source>
        <translation>Größe von Text und Knöpfen</translation>
    </message>
    <message>
        <source>Suits the screen</source>
        <translation>Passend zum Bildschirm</translation>
    </message>
    <message>
        <source>Language (after a restart)</source>
        <translation>Sprache (nach Neustart)</translation>
    </message>
    <message>
        <source>The system's</source>
        <translation>Die des Systems</translation>
    </message>
    <message>
        <source>Tint the teeth</source>
        <translation>Zähne hervorheben</translation>
    </message>
    <message>
        <source>Draw the flow</source>
        <translation>Fluss zeigen</translation>
    </message>
    <message>
        <source>Show the live plots</source>
        <translation>Live-Kurven zeigen</translation>
    </message>
    <message>
        <source>Mirror all views (marked in the picture)</source>
        <translation>Alle Ansichten spiegeln (im Bild vermerkt)</translation>
    </message>
    <message>
        <source>Turn</source>
        <translation>Drehung</translation>
    </message>
    <message>
        <source>Stabilizer</source>
        <translation>Stabilisator</translation>
    </message>
    <message>
        <source>Follow my hand</source>
        <translation>Der Hand folgen</translation>
    </message>
    <message>
        <source>Share of each side given up for steadiness</source>
        <translation>Rand, der für die Ruhe geopfert wird</translation>
    </message>
    <message>
        <source>Movement faster than this is removed</source>
        <translation>Schnellere Bewegung wird entfernt</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Operator, for annotations and reports (empty: the account's name)</source>
        <translation>Behandler, für Anmerkungen und Berichte (leer: der Name des Kontos)</translation>
    </message>
    <message>
        <source>Folder of the sessions (empty: the standard one)</source>
        <translation>Ordner der Sitzungen (leer: der übliche)</translation>
    </message>
    <message>
        <source>Compression (lower is better and larger)</source>
        <translation>Kompression (kleiner ist besser und größer)</translation>
    </message>
    <message>
        <source>Record the enhanced picture too</source>
        <translation>Auch das verbesserte Bild aufnehmen</translation>
    </message>
    <message>
        <source>Use a hardware encoder if there is one</source>
        <translation>Hardware-Encoder nutzen, wenn vorhanden</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>Processor threads (0: automatic)</source>
        <translation>Prozessor-Threads (0: automatisch)</translation>
    </message>
    <message>
        <source>Give the network a smaller picture where the processor is slow (after a restart)</source>
        <translation>Dem Netz ein kleineres Bild geben, wo der Prozessor langsam ist (nach einem Neustart)</translation>
    </message>
    <message>
        <source>In a process of its own, so that its crash leaves the window standing (after a restart)</source>
        <translation>In einem eigenen Prozess, dessen Absturz das Fenster übersteht (nach einem Neustart)</translation>
    </message>
    <message>
        <source>{remedy} It is tried again by itself.</source>
        <translation>{remedy} Es wird von selbst erneut versucht.</translation>
    </message>
    <message>
        <source>The camera's driver hangs.</source>
        <translation>Der Treiber der Kamera hängt.</translation>
    </message>
    <message>
        <source>Unplug the camera and plug it in again.</source>
        <translation>Stecken Sie die Kamera aus und wieder ein.</translation>
    </message>
    <message>
        <source>The camera's clock jumped; frames are timed as they arrive.</source>
        <translation>Die Uhr der Kamera ist gesprungen; Bilder werden nach ihrer Ankunft gezählt.</translation>
    </message>
    <message>
        <source>The camera delivers no fresh picture.</source>
        <translation>Die Kamera liefert kein neues Bild.</translation>
    </message>
    <message>
        <source>Unplug it and plug it in again.</source>
        <translation>Stecken Sie sie aus und wieder ein.</translation>
    </message>
    <message>
        <source>{name} sends no pictures any more.</source>
        <translation>{name} sendet keine Bilder mehr.</translation>
    </message>
    <message>
        <source>Plug it in again; it is reopened by itself.</source>
        <translation>Stecken Sie sie wieder ein; sie wird von selbst geöffnet.</translation>
    </message>
    <message>
        <source>{name} sent no picture for {seconds} s.</source>
        <translation>{name} hat seit {seconds} s kein Bild gesendet.</translation>
    </message>
    <message>
        <source>Check cable and power.</source>
        <translation>Prüfen Sie Kabel und Strom.</translation>
    </message>
    <message>
        <source>{name} does not answer.</source>
        <translation>{name} antwortet nicht.</translation>
    </message>
    <message>
        <source>Unplug it, wait two seconds, plug it in again.</source>
        <translation>Ausstecken, zwei Sekunden warten, wieder einstecken.</translation>
    </message>
    <message>
        <source>The camera '{name}' is not there.</source>
        <translation>Die Kamera „{name}“ ist nicht da.</translation>
    </message>
    <message>
        <source>No camera is plugged in: check the cable, or use --demo.</source>
        <translation>Keine Kamera ist angesteckt: Prüfen Sie das Kabel, oder nehmen Sie --demo.</translation>
    </message>
    <message>
        <source>{name} cannot be opened.</source>
        <translation>{name} lässt sich nicht öffnen.</translation>
    </message>
    <message>
        <source>Close other programs that use it, and check your right to use cameras.</source>
        <translation>Schließen Sie andere Programme, die sie benutzen, und prüfen Sie, ob Sie Kameras benutzen dürfen.</translation>
    </message>
    <message>
        <source>{name} has stopped sending.</source>
        <translation>{name} sendet nicht mehr.</translation>
    </message>
    <message>
        <source>Check the sender; it is tried again by itself.</source>
        <translation>Prüfen Sie den Sender; es wird von selbst erneut versucht.</translation>
    </message>
    <message>
        <source>There is no file {path}.</source>
        <translation>Es gibt keine Datei {path}.</translation>
    </message>
    <message>
        <source>Check the name.</source>
        <translation>Prüfen Sie den Namen.</translation>
    </message>
    <message>
        <source>{name} is empty (0 bytes).</source>
        <translation>{name} ist leer (0 Byte).</translation>
    </message>
    <message>
        <source>{name} holds no picture that can be decoded.</source>
        <translation>{name} enthält kein lesbares Bild.</translation>
    </message>
    <message>
        <source>Record or export it again.</source>
        <translation>Nehmen Sie es erneut auf, oder exportieren Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The file has ended.</source>
        <translation>Die Datei ist zu Ende.</translation>
    </message>
    <message>
        <source>Reading the source failed with a fault of this program.</source>
        <translation>Das Lesen der Quelle scheiterte an einem Fehler dieses Programms.</translation>
    </message>
    <message>
        <source>The engine stopped.</source>
        <translation>Die Bildverarbeitung ist stehen geblieben.</translation>
    </message>
    <message>
        <source>The log file says more.</source>
        <translation>Mehr steht in der Protokolldatei.</translation>
    </message>
    <message>
        <source>{name} runs uncalibrated: it has no profile.</source>
        <translation>{name} läuft unkalibriert: Es gibt kein Profil.</translation>
    </message>
</context>
<context>
    <name>AnnotationPresenter</name>
    <message>
        <source>Tap a shape to choose it, drag it to move it.</source>
        <translation>Form antippen, um sie zu wählen; ziehen, um sie zu bewegen.</translation>
    </message>
    <message>
        <source>Tap the corners; Return or the first corner closes it.</source>
        <translation>Ecken antippen; Eingabe oder die erste Ecke schließt.</translation>
    </message>
    <message>
        <source>Tap where it belongs, then write the note.</source>
        <translation>Antippen, wohin es gehört, dann die Notiz schreiben.</translation>
    </message>
    <message>
        <source>Draw on either picture; it is shown on both.</source>
        <translation>Zeichnen Sie auf eines der Bilder; es erscheint auf beiden.</translation>
    </message>
    <message>
        <source>Marker</source>
        <translation>Marke</translation>
    </message>
    <message>
        <source>A range has begun.</source>
        <translation>Ein Bereich hat begonnen.</translation>
    </message>
    <message>
        <source>J ends it.</source>
        <translation>J beendet ihn.</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>Bereich</translation>
    </message>
</context>
<context>
    <name>BenchPage</name>
    <message>
        <source>Waiting for a picture</source>
        <translation>Wartet auf ein Bild</translation>
    </message>
    <message>
        <source>Hz</source>
        <translation>Hz</translation>
    </message>
    <message>
        <source>px per root Hz</source>
        <translation>px je Wurzel Hz</translation>
    </message>
    <message>
        <source>raw</source>
        <translation>roh</translation>
    </message>
    <message>
        <source>stabilized</source>
        <translation>stabilisiert</translation>
    </message>
    <message>
        <source>Reason to skip this step</source>
        <translation>Grund, den Schritt auszulassen</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Show the corrected picture</source>
        <translation>Das korrigierte Bild zeigen</translation>
    </message>
</context>
<context>
    <name>BenchPanel</name>
    <message>
        <source>Do it again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Finish with what is there</source>
        <translation>Mit dem Vorhandenen abschließen</translation>
    </message>
    <message>
        <source>Still open: {steps}.</source>
        <translation>Noch offen: {steps}.</translation>
    </message>
    <message>
        <source>All steps are done or skipped.</source>
        <translation>Alle Schritte sind getan oder ausgelassen.</translation>
    </message>
    <message>
        <source>Next: {step}</source>
        <translation>Weiter: {step}</translation>
    </message>
    <message>
        <source>Failed: {steps}. A profile with a failed step is kept, but not used live.</source>
        <translation>Nicht bestanden: {steps}. Ein solches Profil wird aufbewahrt, aber live nicht verwendet.</translation>
    </message>
    <message>
        <source>Time between frames</source>
        <translation>Zeit zwischen den Bildern</translation>
    </message>
    <message>
        <source>From the screen's flash to the frame in hand</source>
        <translation>Vom Aufblitzen am Bildschirm bis zum Bild im Rechner</translation>
    </message>
</context>
<context>
    <name>CameraControls</name>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Factory values</source>
        <translation>Werkswerte</translation>
    </message>
</context>
<context>
    <name>CameraOptions</name>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Its usual format</source>
        <translation>Ihr übliches Format</translation>
    </message>
    <message>
        <source>{rate} fps</source>
        <translation>{rate} Bilder/s</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>WAITING</source>
        <translation>WARTET</translation>
    </message>
    <message>
        <source>LIVE</source>
        <translation>LIVE</translation>
    </message>
    <message>
        <source>LATE</source>
        <translation>VERSPÄTET</translation>
    </message>
    <message>
        <source>NO LIVE IMAGE</source>
        <translation>KEIN LIVE-BILD</translation>
    </message>
    <message>
        <source>ENDED</source>
        <translation>ENDE</translation>
    </message>
    <message>
        <source>OFF</source>
        <translation>AUS</translation>
    </message>
    <message>
        <source>BYPASS</source>
        <translation>BYPASS</translation>
    </message>
    <message>
        <source>LOCKED</source>
        <translation>FIXIERT</translation>
    </message>
    <message>
        <source>COASTING</source>
        <translation>GLEITET</translation>
    </message>
    <message>
        <source>LOST</source>
        <translation>VERLOREN</translation>
    </message>
    <message>
        <source>RE-ANCHOR</source>
        <translation>SUCHT</translation>
    </message>
    <message>
        <source>FROZEN</source>
        <translation>STANDBILD</translation>
    </message>
    <message>
        <source>RAW</source>
        <translation>ROH</translation>
    </message>
</context>
<context>
    <name>ChipView</name>
    <message>
        <source>State: {word}</source>
        <translation>Zustand: {word}</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
</context>
<context>
    <name>CorrectionPresenter</name>
    <message>
        <source>Calibrate it on the Calibrate page.</source>
        <translation>Kalibrieren Sie sie auf der Seite Kalibrieren.</translation>
    </message>
</context>
<context>
    <name>DemoOptions</name>
    <message>
        <source>What the demo shows</source>
        <translation>Was die Demo zeigt</translation>
    </message>
    <message>
        <source>As usual</source>
        <translation>Wie üblich</translation>
    </message>
    <message>
        <source>Calm and dry</source>
        <translation>Ruhig und trocken</translation>
    </message>
    <message>
        <source>Spray, drops and noise</source>
        <translation>Spray, Tropfen und Rauschen</translation>
    </message>
    <message>
        <source>The hand slips</source>
        <translation>Die Hand rutscht ab</translation>
    </message>
    <message>
        <source>Along the teeth</source>
        <translation>An den Zähnen entlang</translation>
    </message>
    <message>
        <source>Little light</source>
        <translation>Wenig Licht</translation>
    </message>
    <message>
        <source>Mouth</source>
        <translation>Mund</translation>
    </message>
    <message>
        <source>Which mouth the demo paints</source>
        <translation>Welchen Mund die Demo malt</translation>
    </message>
</context>
<context>
    <name>DrawnSurface</name>
    <message>
        <source>RAW</source>
        <translation>ROH</translation>
    </message>
    <message>
        <source>STABILIZED</source>
        <translation>STABILISIERT</translation>
    </message>
</context>
<context>
    <name>EngineDialog</name>
    <message>
        <source>Choose an engine</source>
        <translation>Rechner wählen</translation>
    </message>
    <message>
        <source>Each back end is tried on a small picture. While the engine changes, the raw picture is shown.</source>
        <translation>Jeder Rechner wird an einem kleinen Bild erprobt. Während des Wechsels ist das Rohbild zu sehen.</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Back ends</source>
        <translation>Rechner</translation>
    </message>
    <message>
        <source>The network '{name}' is not here</source>
        <translation>Das Netz „{name}“ fehlt</translation>
    </message>
    <message>
        <source>the fastest that is ready</source>
        <translation>der schnellste, der bereit ist</translation>
    </message>
    <message>
        <source>Trying the back ends…</source>
        <translation>Die Rechner werden erprobt …</translation>
    </message>
    <message>
        <source>Building: {share:.0f} %, {phase}</source>
        <translation>Bau: {share:.0f} %, {phase}</translation>
    </message>
    <message>
        <source>TensorRT engine for</source>
        <translation>TensorRT-Rechner für</translation>
    </message>
    <message>
        <source>GPU architecture</source>
        <translation>GPU-Architektur</translation>
    </message>
    <message>
        <source>this machine's GPU</source>
        <translation>die GPU dieses Computers</translation>
    </message>
    <message>
        <source>Build</source>
        <translation>Bauen</translation>
    </message>
    <message>
        <source>Cancel the build</source>
        <translation>Bau abbrechen</translation>
    </message>
    <message>
        <source>Progress of the build</source>
        <translation>Fortschritt des Baus</translation>
    </message>
    <message>
        <source>A build takes minutes and runs beside the picture; it is kept for next time.</source>
        <translation>Ein Bau dauert Minuten, läuft neben dem Bild und bleibt erhalten.</translation>
    </message>
</context>
<context>
    <name>EnginePresenter</name>
    <message>
        <source>under way</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>beginnt</translation>
    </message>
    <message>
        <source>{model} on {backend}</source>
        <translation>{model} auf {backend}</translation>
    </message>
    <message>
        <source>The engine changes to {name}.</source>
        <translation>Der Rechner wechselt zu {name}.</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export the session</source>
        <translation>Sitzung ausgeben</translation>
    </message>
    <message>
        <source>The recording itself is never changed.</source>
        <translation>Die Aufnahme selbst wird nie verändert.</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>Video (MP4)</source>
        <translation>Video (MP4)</translation>
    </message>
    <message>
        <source>Report with stills (HTML)</source>
        <translation>Bericht mit Standbildern (HTML)</translation>
    </message>
    <message>
        <source>Videos and stills (folder)</source>
        <translation>Videos und Standbilder (Ordner)</translation>
    </message>
    <message>
        <source>DICOM objects (folder)</source>
        <translation>DICOM-Objekte (Ordner)</translation>
    </message>
    <message>
        <source>Annotations (JSON, can be imported)</source>
        <translation>Anmerkungen (JSON, wieder einlesbar)</translation>
    </message>
    <message>
        <source>Annotations (WebVTT chapters)</source>
        <translation>Anmerkungen (WebVTT-Kapitel)</translation>
    </message>
    <message>
        <source>Annotations (CSV table)</source>
        <translation>Anmerkungen (CSV-Tabelle)</translation>
    </message>
    <message>
        <source>Raw</source>
        <translation>Roh</translation>
    </message>
    <message>
        <source>Stabilized</source>
        <translation>Stabilisiert</translation>
    </message>
    <message>
        <source>Enhanced</source>
        <translation>Verbessert</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Draw the annotations into the picture</source>
        <translation>Anmerkungen ins Bild zeichnen</translation>
    </message>
    <message>
        <source>Markers and ranges as chapters</source>
        <translation>Marken und Bereiche als Kapitel</translation>
    </message>
    <message>
        <source>Only between the marks: {span}</source>
        <translation>Nur zwischen den Marken: {span}</translation>
    </message>
    <message>
        <source>Include the patient's identity</source>
        <translation>Mit der Identität des Patienten</translation>
    </message>
    <message>
        <source>What is left, marked as incomplete</source>
        <translation>Was übrig ist, als unvollständig gekennzeichnet</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation>Sichern als</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Ausgeben</translation>
    </message>
    <message>
        <source>Writing: {share:.0f} %</source>
        <translation>Schreibt: {share:.0f} %</translation>
    </message>
    <message>
        <source>Folder for the export</source>
        <translation>Ordner für die Ausgabe</translation>
    </message>
    <message>
        <source>Replace “{name}”?</source>
        <translation>„{name}“ ersetzen?</translation>
    </message>
    <message>
        <source>It is there already. Keep it, and the export gets a name that is free.</source>
        <translation>Das gibt es schon. Wird es behalten, bekommt der Export einen freien Namen.</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>This name is free.</source>
        <translation>Dieser Name ist frei.</translation>
    </message>
</context>
<context>
    <name>ExportPresenter</name>
    <message>
        <source>nobody</source>
        <translation>niemand</translation>
    </message>
    <message>
        <source>Making the objects</source>
        <translation>Objekte werden erzeugt</translation>
    </message>
    <message>
        <source>Sending</source>
        <translation>Wird gesendet</translation>
    </message>
    <message>
        <source>Cancelled; nothing was written.</source>
        <translation>Abgebrochen; nichts wurde geschrieben.</translation>
    </message>
    <message>
        <source>Written: {place}</source>
        <translation>Geschrieben: {place}</translation>
    </message>
    <message>
        <source>Incomplete, and marked as such:</source>
        <translation>Unvollständig, und so gekennzeichnet:</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>{count} objects arrived.</source>
        <translation>{count} Objekte sind angekommen.</translation>
    </message>
    <message>
        <source>{begin} to {end}</source>
        <translation>{begin} bis {end}</translation>
    </message>
</context>
<context>
    <name>FlashDialog</name>
    <message>
        <source>Point the camera at this patch</source>
        <translation>Richten Sie die Kamera auf dieses Feld</translation>
    </message>
    <message>
        <source>Hold it still until the bar is full: {count} flashes, about two minutes.</source>
        <translation>Halten Sie still, bis der Balken voll ist: {count} Blitze, etwa zwei Minuten.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Flash to frame</source>
        <translation>Vom Blitz zum Bild</translation>
    </message>
</context>
<context>
    <name>HandBackPresenter</name>
    <message>
        <source>Handed back to the practice: {count} files in {place}</source>
        <translation>An die Praxis zurückgegeben: {count} Dateien in {place}</translation>
    </message>
    <message>
        <source>Incomplete, and marked as such:</source>
        <translation>Unvollständig, und so gekennzeichnet:</translation>
    </message>
</context>
<context>
    <name>HeadBar</name>
    <message>
        <source>Both</source>
        <translation>Beide</translation>
    </message>
    <message>
        <source>Wipe</source>
        <translation>Wischen</translation>
    </message>
    <message>
        <source>Raw</source>
        <translation>Roh</translation>
    </message>
    <message>
        <source>Stabilized</source>
        <translation>Stabilisiert</translation>
    </message>
    <message>
        <source>Back to the library   Esc</source>
        <translation>Zurück zur Bibliothek   Esc</translation>
    </message>
    <message>
        <source>Side by side   4</source>
        <translation>Nebeneinander   4</translation>
    </message>
    <message>
        <source>Wipe   W</source>
        <translation>Wischen   W</translation>
    </message>
    <message>
        <source>Raw   1</source>
        <translation>Roh   1</translation>
    </message>
    <message>
        <source>Stabilized   3</source>
        <translation>Stabilisiert   3</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Einlesen</translation>
    </message>
    <message>
        <source>Import annotations from JSON</source>
        <translation>Anmerkungen aus JSON einlesen</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Send to a PACS</source>
        <translation>An ein PACS senden</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Ausgeben</translation>
    </message>
    <message>
        <source>Export to a file</source>
        <translation>In eine Datei ausgeben</translation>
    </message>
</context>
<context>
    <name>HealthBar</name>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>In</source>
        <translation>Ein</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>Aus</translation>
    </message>
    <message>
        <source>Latency p50 · p95</source>
        <translation>Verzug p50 · p95</translation>
    </message>
    <message>
        <source>Dropped</source>
        <translation>Verloren</translation>
    </message>
    <message>
        <source>Tracking</source>
        <translation>Verfolgung</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>Rechner</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Manual</source>
        <translation>Handbuch</translation>
    </message>
</context>
<context>
    <name>LabelsDialog</name>
    <message>
        <source>Labels</source>
        <translation>Bezeichnungen</translation>
    </message>
    <message>
        <source>One a line, in the order of the list.</source>
        <translation>Eine je Zeile, in der Reihenfolge der Liste.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
</context>
<context>
    <name>LibraryPresenter</name>
    <message>
        <source>Nothing was deleted in the last seven days.</source>
        <translation>In den letzten sieben Tagen wurde nichts gelöscht.</translation>
    </message>
    <message>
        <source>No session matches “{words}”.</source>
        <translation>Keine Sitzung passt zu „{words}“.</translation>
    </message>
    <message>
        <source>Nothing is recorded yet. Press R on the live page to record.</source>
        <translation>Noch ist nichts aufgenommen. Drücken Sie R auf der Live-Seite.</translation>
    </message>
    <message>
        <source>Delete this session?</source>
        <translation>Diese Sitzung löschen?</translation>
    </message>
    <message>
        <source>{when}, {length}: videos, stills and annotations. It can be brought back for seven days; after that it is gone.</source>
        <translation>{when}, {length}: Videos, Standbilder und Anmerkungen. Sieben Tage lang lässt sie sich zurückholen, dann ist sie fort.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Session {name} was deleted.</source>
        <translation>Sitzung {name} wurde gelöscht.</translation>
    </message>
    <message>
        <source>For seven days it can be brought back here.</source>
        <translation>Sieben Tage lang lässt sie sich hier zurückholen.</translation>
    </message>
    <message>
        <source>Session {name} is back in the library.</source>
        <translation>Sitzung {name} ist zurück in der Bibliothek.</translation>
    </message>
    <message>
        <source>cannot be opened</source>
        <translation>lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Session {name} is repaired and can be opened.</source>
        <translation>Sitzung {name} ist repariert und lässt sich öffnen.</translation>
    </message>
    <message>
        <source>{size} free</source>
        <translation>{size} frei</translation>
    </message>
    <message>
        <source>{count} sessions</source>
        <translation>{count} Sitzungen</translation>
    </message>
    <message>
        <source>1 session</source>
        <translation>1 Sitzung</translation>
    </message>
    <message>
        <source>no patient</source>
        <translation>kein Patient</translation>
    </message>
    <message>
        <source>recording now</source>
        <translation>wird aufgenommen</translation>
    </message>
    <message>
        <source>repaired after a crash</source>
        <translation>nach einem Absturz repariert</translation>
    </message>
    <message>
        <source>ended before it was stopped</source>
        <translation>brach vorzeitig ab</translation>
    </message>
</context>
<context>
    <name>LibraryView</name>
    <message>
        <source>Sessions</source>
        <translation>Sitzungen</translation>
    </message>
    <message>
        <source>Deleted sessions</source>
        <translation>Gelöschte Sitzungen</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Back to the library</source>
        <translation>Zurück zur Bibliothek</translation>
    </message>
    <message>
        <source>Deleted ({count})</source>
        <translation>Gelöscht ({count})</translation>
    </message>
    <message>
        <source>Search patient, date, camera</source>
        <translation>Patient, Datum, Kamera suchen</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Reparieren</translation>
    </message>
    <message>
        <source>Search sessions</source>
        <translation>Sitzungen suchen</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen …</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Zurückholen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>recording now</source>
        <translation>wird aufgenommen</translation>
    </message>
</context>
<context>
    <name>LiveMarks</name>
    <message>
        <source>Marker</source>
        <translation>Marke</translation>
    </message>
    <message>
        <source>A range has begun.</source>
        <translation>Ein Bereich hat begonnen.</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <source>{label} at {time:.1f} s</source>
        <translation>{label} bei {time:.1f} s</translation>
    </message>
</context>
<context>
    <name>LivePresenter</name>
    <message>
        <source>A tooth can be chosen only on the live picture.</source>
        <translation>Ein Zahn lässt sich nur im Live-Bild wählen.</translation>
    </message>
    <message>
        <source>There is no picture at this place.</source>
        <translation>An dieser Stelle ist kein Bild.</translation>
    </message>
</context>
<context>
    <name>Manual</name>
    <message>
        <source>Manual</source>
        <translation>Handbuch</translation>
    </message>
</context>
<context>
    <name>MemoryPresenter</name>
    <message>
        <source>Strength: {label}.</source>
        <translation>Stärke: {label}.</translation>
    </message>
</context>
<context>
    <name>NoticeCard</name>
    <message>
        <source>Close notice</source>
        <translation>Hinweis schließen</translation>
    </message>
</context>
<context>
    <name>PacsDialog</name>
    <message>
        <source>Send to a PACS</source>
        <translation>An ein PACS senden</translation>
    </message>
    <message>
        <source>Videos, stills and a report of the annotations, as DICOM objects of one study.</source>
        <translation>Videos, Standbilder und ein Bericht der Anmerkungen als DICOM-Objekte einer Studie.</translation>
    </message>
    <message>
        <source>host name or address</source>
        <translation>Rechnername oder Adresse</translation>
    </message>
    <message>
        <source>PACS host</source>
        <translation>PACS-Rechner</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Its title (called AE)</source>
        <translation>Sein Titel (called AE)</translation>
    </message>
    <message>
        <source>Our title (calling AE)</source>
        <translation>Unser Titel (calling AE)</translation>
    </message>
    <message>
        <source>Send with the patient's identity: {who}</source>
        <translation>Mit der Identität des Patienten senden: {who}</translation>
    </message>
    <message>
        <source>Without it, the session's number stands in the place of the patient.</source>
        <translation>Ohne sie steht die Nummer der Sitzung an der Stelle des Patienten.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Send what is left, marked as incomplete</source>
        <translation>Was übrig ist senden, als unvollständig gekennzeichnet</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Calibrate</source>
        <translation>Kalibrieren</translation>
    </message>
</context>
<context>
    <name>PatientDialog</name>
    <message>
        <source>Who is recorded?</source>
        <translation>Wer wird aufgenommen?</translation>
    </message>
    <message>
        <source>Identity is kept in the session's data base only: never in file names or in the picture.</source>
        <translation>Die Identität steht nur in der Datenbank der Sitzung, nie in Dateinamen oder im Bild.</translation>
    </message>
    <message>
        <source>required</source>
        <translation>nötig</translation>
    </message>
    <message>
        <source>YYYY-MM-DD</source>
        <translation>JJJJ-MM-TT</translation>
    </message>
    <message>
        <source>Patient or session number</source>
        <translation>Patienten- oder Sitzungsnummer</translation>
    </message>
    <message>
        <source>Family name</source>
        <translation>Familienname</translation>
    </message>
    <message>
        <source>Given name</source>
        <translation>Vorname</translation>
    </message>
    <message>
        <source>Date of birth</source>
        <translation>Geburtsdatum</translation>
    </message>
    <message>
        <source>Demonstration, nobody</source>
        <translation>Vorführung, niemand</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Start recording</source>
        <translation>Aufnahme beginnen</translation>
    </message>
</context>
<context>
    <name>PedalDialog</name>
    <message>
        <source>Teach a pedal</source>
        <translation>Pedal anlernen</translation>
    </message>
    <message>
        <source>Choose what the pedal shall do, then press it. A pedal that is held compares or shows as long.</source>
        <translation>Wählen Sie, was das Pedal tun soll, und treten Sie es. Gehalten wirkt es so lange.</translation>
    </message>
    <message>
        <source>Actions</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>The key {key} already means: {action}. Set the pedal to another key.</source>
        <translation>Die Taste {key} bedeutet schon: {action}. Stellen Sie das Pedal auf eine andere Taste.</translation>
    </message>
    <message>
        <source>Learned: {key}</source>
        <translation>Gelernt: {key}</translation>
    </message>
    <message>
        <source>Press your pedal now</source>
        <translation>Treten Sie jetzt Ihr Pedal</translation>
    </message>
</context>
<context>
    <name>PlaybackPresenter</name>
    <message>
        <source>frame {number} of {count}</source>
        <translation>Bild {number} von {count}</translation>
    </message>
</context>
<context>
    <name>PlotStrip</name>
    <message>
        <source>Time per stage</source>
        <translation>Zeit je Schritt</translation>
    </message>
    <message>
        <source>seconds ago</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>ms</source>
        <translation>ms</translation>
    </message>
    <message>
        <source>Path of the tooth (sideways)</source>
        <translation>Weg des Zahns (seitlich)</translation>
    </message>
    <message>
        <source>px</source>
        <translation>px</translation>
    </message>
    <message>
        <source>Spectrum of the path</source>
        <translation>Spektrum des Wegs</translation>
    </message>
    <message>
        <source>Hz</source>
        <translation>Hz</translation>
    </message>
    <message>
        <source>tremor</source>
        <translation>Tremor</translation>
    </message>
    <message>
        <source>raw</source>
        <translation>roh</translation>
    </message>
    <message>
        <source>stabilized</source>
        <translation>stabilisiert</translation>
    </message>
</context>
<context>
    <name>PlotsPresenter</name>
    <message>
        <source>Live plots</source>
        <translation>Live-Kurven</translation>
    </message>
</context>
<context>
    <name>RecordingBadge</name>
    <message>
        <source>PAUSED</source>
        <translation>PAUSE</translation>
    </message>
    <message>
        <source>REC</source>
        <translation>REC</translation>
    </message>
    <message>
        <source>{count} frames lost</source>
        <translation>{count} Bilder verloren</translation>
    </message>
    <message>
        <source>{minutes} min left</source>
        <translation>noch {minutes} min</translation>
    </message>
</context>
<context>
    <name>RecordingPresenter</name>
    <message>
        <source>Still saved.</source>
        <translation>Standbild gespeichert.</translation>
    </message>
    <message>
        <source>The recording that runs holds it already.</source>
        <translation>Die laufende Aufnahme enthält sie schon.</translation>
    </message>
    <message>
        <source>Press K to mark the moment.</source>
        <translation>K setzt hier eine Marke.</translation>
    </message>
    <message>
        <source>Nothing is recorded, so there is nothing to mark.</source>
        <translation>Es läuft keine Aufnahme, also gibt es nichts zu markieren.</translation>
    </message>
    <message>
        <source>Press R to record.</source>
        <translation>Mit R aufnehmen.</translation>
    </message>
    <message>
        <source>What was recorded is whole and in the library.</source>
        <translation>Was aufgenommen wurde, ist heil und in der Bibliothek.</translation>
    </message>
    <message>
        <source>Session {name} is saved: {time:.0f} s, {lost} frames lost.</source>
        <translation>Sitzung {name} ist gesichert: {time:.0f} s, {lost} Bilder verloren.</translation>
    </message>
    <message>
        <source>The last half minute is saved as {name}.</source>
        <translation>Die letzte halbe Minute ist gesichert als {name}.</translation>
    </message>
    <message>
        <source>Repaired after a crash: {names}.</source>
        <translation>Nach einem Absturz repariert: {names}.</translation>
    </message>
    <message>
        <source>{name} ({time:.1f} s lost)</source>
        <translation>{name} ({time:.1f} s verloren)</translation>
    </message>
    <message>
        <source>They are in the library.</source>
        <translation>Sie sind in der Bibliothek.</translation>
    </message>
</context>
<context>
    <name>ReviewPanel</name>
    <message>
        <source>Annotations</source>
        <translation>Anmerkungen</translation>
    </message>
    <message>
        <source>no label</source>
        <translation>ohne Bezeichnung</translation>
    </message>
    <message>
        <source>Edit the labels…</source>
        <translation>Bezeichnungen bearbeiten …</translation>
    </message>
    <message>
        <source>Tooth…</source>
        <translation>Zahn …</translation>
    </message>
    <message>
        <source>Tooth {number}</source>
        <translation>Zahn {number}</translation>
    </message>
    <message>
        <source>Select   V</source>
        <translation>Auswählen   V</translation>
    </message>
    <message>
        <source>Freehand   F</source>
        <translation>Freihand   F</translation>
    </message>
    <message>
        <source>Arrow   A</source>
        <translation>Pfeil   A</translation>
    </message>
    <message>
        <source>Rectangle   R</source>
        <translation>Rechteck   R</translation>
    </message>
    <message>
        <source>Ellipse   E</source>
        <translation>Ellipse   E</translation>
    </message>
    <message>
        <source>Polygon   P</source>
        <translation>Vieleck   P</translation>
    </message>
    <message>
        <source>Text   T</source>
        <translation>Text   T</translation>
    </message>
    <message>
        <source>Undo   Ctrl+Z</source>
        <translation>Rückgängig   Ctrl+Z</translation>
    </message>
    <message>
        <source>Redo   Ctrl+Y</source>
        <translation>Wiederholen   Ctrl+Y</translation>
    </message>
    <message>
        <source>Delete the annotation   Del</source>
        <translation>Anmerkung löschen   Entf</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Bezeichnung</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>Notiz</translation>
    </message>
    <message>
        <source>Follows the tooth</source>
        <translation>Folgt dem Zahn</translation>
    </message>
    <message>
        <source>Search annotations</source>
        <translation>Anmerkungen suchen</translation>
    </message>
    <message>
        <source>Kind of annotation</source>
        <translation>Art der Anmerkung</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Markers</source>
        <translation>Marken</translation>
    </message>
    <message>
        <source>Ranges</source>
        <translation>Bereiche</translation>
    </message>
    <message>
        <source>Drawn</source>
        <translation>Gezeichnet</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>Auswahl</translation>
    </message>
    <message>
        <source>Freehand</source>
        <translation>Freihand</translation>
    </message>
    <message>
        <source>Arrow</source>
        <translation>Pfeil</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>Rechteck</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>Ellipse</translation>
    </message>
    <message>
        <source>Polygon</source>
        <translation>Vieleck</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wieder</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>ReviewPresenter</name>
    <message>
        <source>This session lies where nothing can be written: it can be looked at and exported.</source>
        <translation>Diese Sitzung liegt an einem Ort, an dem nichts geschrieben werden kann: Sie lässt sich ansehen und ausgeben.</translation>
    </message>
    <message>
        <source>Copy its folder into the library to mark it.</source>
        <translation>Zum Markieren den Ordner in die Bibliothek kopieren.</translation>
    </message>
    <message>
        <source>Import annotations</source>
        <translation>Anmerkungen einlesen</translation>
    </message>
    <message>
        <source>Annotations (*.json)</source>
        <translation>Anmerkungen (*.json)</translation>
    </message>
    <message>
        <source>{name} cannot be read: {error}.</source>
        <translation>{name} ist nicht lesbar: {error}.</translation>
    </message>
    <message>
        <source>{count} annotations were taken over, {same} were here already.</source>
        <translation>{count} Anmerkungen wurden übernommen, {same} waren schon da.</translation>
    </message>
    <message>
        <source>No patient</source>
        <translation>Kein Patient</translation>
    </message>
    <message>
        <source>Annotations of this session cannot be read and are left out: {count}.</source>
        <translation>Anmerkungen dieser Sitzung sind nicht lesbar und fehlen hier: {count}.</translation>
    </message>
    <message>
        <source>They stay in its folder. Import them again if they were exported once.</source>
        <translation>Sie bleiben in ihrem Ordner. Lesen Sie sie wieder ein, falls sie einmal exportiert wurden.</translation>
    </message>
</context>
<context>
    <name>RowPainter</name>
    <message>
        <source>length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>marks</source>
        <translation>Marken</translation>
    </message>
    <message>
        <source>size</source>
        <translation>Größe</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Every change holds at once.</source>
        <translation>Jede Änderung gilt sofort.</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>What was refused</source>
        <translation>Was abgelehnt wurde</translation>
    </message>
    <message>
        <source>Reset this page</source>
        <translation>Diese Seite zurücksetzen</translation>
    </message>
</context>
<context>
    <name>Sheet</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
</context>
<context>
    <name>SignOffBox</name>
    <message>
        <source>Operator's name</source>
        <translation>Name des Prüfers</translation>
    </message>
    <message>
        <source>Sign off and save</source>
        <translation>Abzeichnen und sichern</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>Bericht zeigen</translation>
    </message>
</context>
<context>
    <name>SignOffPresenter</name>
    <message>
        <source>The profile of {name} is signed and in use.</source>
        <translation>Das Profil von {name} ist abgezeichnet und in Gebrauch.</translation>
    </message>
</context>
<context>
    <name>SourceDialog</name>
    <message>
        <source>Choose a source</source>
        <translation>Quelle wählen</translation>
    </message>
    <message>
        <source>Cameras are listed without being opened. The picture changes as soon as you choose.</source>
        <translation>Kameras werden gelistet, ohne sie zu öffnen. Das Bild wechselt, sobald Sie wählen.</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>rtsp:// or http:// or udp:// address of a stream</source>
        <translation>Adresse eines Stroms: rtsp://, http:// oder udp://</translation>
    </message>
    <message>
        <source>Address of a stream</source>
        <translation>Adresse eines Stroms</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Repeat the file</source>
        <translation>Datei wiederholen</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Datei öffnen …</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>Erneut suchen</translation>
    </message>
    <message>
        <source>Demo: a handpiece camera in a painted mouth</source>
        <translation>Demo: eine Handstück-Kamera in einem gemalten Mund</translation>
    </message>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>No camera is plugged in. Check the cable, then look again.</source>
        <translation>Keine Kamera angesteckt. Prüfen Sie das Kabel und suchen Sie erneut.</translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation>Video öffnen</translation>
    </message>
</context>
<context>
    <name>SpectrogramPlot</name>
    <message>
        <source>Stabilized</source>
        <translation>Stabilisiert</translation>
    </message>
    <message>
        <source>Raw: Hz over the last seconds</source>
        <translation>Roh: Hz über die letzten Sekunden</translation>
    </message>
    <message>
        <source>Shown up to {limit} Hz, half the frame rate. A rotor turns faster: its line is folded back (aliased) and appears here at another frequency than its own.</source>
        <translation>Gezeigt bis {limit} Hz, die halbe Bildrate. Ein Rotor dreht schneller: Seine Linie wird gefaltet (Aliasing) und erscheint hier bei einer anderen Frequenz als der eigenen.</translation>
    </message>
</context>
<context>
    <name>Stage</name>
    <message>
        <source>RAW</source>
        <translation>ROH</translation>
    </message>
    <message>
        <source>ENHANCED</source>
        <translation>VERBESSERT</translation>
    </message>
    <message>
        <source>STABILIZED</source>
        <translation>STABILISIERT</translation>
    </message>
    <message>
        <source>MIRRORED</source>
        <translation>GESPIEGELT</translation>
    </message>
</context>
<context>
    <name>Strength</name>
    <message>
        <source>gentle</source>
        <translation>sanft</translation>
    </message>
    <message>
        <source>normal</source>
        <translation>normal</translation>
    </message>
    <message>
        <source>strong</source>
        <translation>stark</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>Time line</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>Tooth lost from sight</source>
        <translation>Zahn aus dem Blick</translation>
    </message>
    <message>
        <source>Raw picture shown</source>
        <translation>Rohbild gezeigt</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Frames missing</source>
        <translation>Bilder fehlen</translation>
    </message>
</context>
<context>
    <name>ToothChart</name>
    <message>
        <source>Tooth chart</source>
        <translation>Zahnschema</translation>
    </message>
    <message>
        <source>Patient's right</source>
        <translation>Rechts des Patienten</translation>
    </message>
    <message>
        <source>Patient's left</source>
        <translation>Links des Patienten</translation>
    </message>
</context>
<context>
    <name>ToothDialog</name>
    <message>
        <source>Which tooth?</source>
        <translation>Welcher Zahn?</translation>
    </message>
    <message>
        <source>FDI numbers (ISO 3950); milk teeth in the middle.</source>
        <translation>FDI-Nummern (ISO 3950); Milchzähne in der Mitte.</translation>
    </message>
    <message>
        <source>No tooth</source>
        <translation>Kein Zahn</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Page {title}</source>
        <translation>Seite {title}</translation>
    </message>
</context>
<context>
    <name>TransportBar</name>
    <message>
        <source>Previous mark   Page up</source>
        <translation>Vorige Marke   Bild auf</translation>
    </message>
    <message>
        <source>Frame back   ,</source>
        <translation>Bild zurück   ,</translation>
    </message>
    <message>
        <source>Play   Space</source>
        <translation>Abspielen   Leertaste</translation>
    </message>
    <message>
        <source>Frame on   .</source>
        <translation>Bild vor   .</translation>
    </message>
    <message>
        <source>Next mark   Page down</source>
        <translation>Nächste Marke   Bild ab</translation>
    </message>
    <message>
        <source>Set a marker   K</source>
        <translation>Marke setzen   K</translation>
    </message>
    <message>
        <source>Begin or end a range   J</source>
        <translation>Bereich beginnen oder beenden   J</translation>
    </message>
    <message>
        <source>Export begins here   I</source>
        <translation>Ausgabe beginnt hier   I</translation>
    </message>
    <message>
        <source>Export ends here   O</source>
        <translation>Ausgabe endet hier   O</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Pause   Space</source>
        <translation>Pause   Leertaste</translation>
    </message>
    <message>
        <source>Marker</source>
        <translation>Marke</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <source>In</source>
        <translation>Anfang</translation>
    </message>
    <message>
        <source>Out</source>
        <translation>Ende</translation>
    </message>
</context>
<context>
    <name>Verdicts</name>
    <message>
        <source>last picture {seconds:.1f} s ago</source>
        <translation>letztes Bild vor {seconds:.1f} s</translation>
    </message>
    <message>
        <source>Waiting for the first picture</source>
        <translation>Wartet auf das erste Bild</translation>
    </message>
    <message>
        <source>FROZEN, and the live picture is lost</source>
        <translation>STANDBILD, und das Live-Bild ist verloren</translation>
    </message>
    <message>
        <source>FROZEN: this is not the live picture</source>
        <translation>STANDBILD: dies ist nicht das Live-Bild</translation>
    </message>
    <message>
        <source>NO LIVE IMAGE: do not work by this picture</source>
        <translation>KEIN LIVE-BILD: nicht nach diesem Bild arbeiten</translation>
    </message>
    <message>
        <source>BYPASS: the raw picture is shown, {reason}</source>
        <translation>BYPASS: das Rohbild ist zu sehen, {reason}</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>Fixiert</translation>
    </message>
    <message>
        <source>Coasting</source>
        <translation>Gleitet</translation>
    </message>
    <message>
        <source>Lost</source>
        <translation>Verloren</translation>
    </message>
    <message>
        <source>Re-anchor</source>
        <translation>Sucht</translation>
    </message>
    <message>
        <source>loading</source>
        <translation>lädt</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keiner</translation>
    </message>
</context>
<context>
    <name>ViewPane</name>
    <message>
        <source>{title} picture</source>
        <translation>Bild {title}</translation>
    </message>
</context>
<context>
    <name>VitalsPresenter</name>
    <message>
        <source>{w} × {h}</source>
        <translation>{w} × {h}</translation>
    </message>
    <message>
        <source>LOCK</source>
        <translation>HALTEN</translation>
    </message>
    <message>
        <source>FOLLOW</source>
        <translation>FOLGEN</translation>
    </message>
    <message>
        <source>at {w} × {h}</source>
        <translation>bei {w} × {h}</translation>
    </message>
    <message>
        <source>{mode} · moved {px:.0f} px</source>
        <translation>{mode} · versetzt {px:.0f} px</translation>
    </message>
</context>
<context>
    <name>WelcomeDialog</name>
    <message>
        <source>Welcome to Steadyscope</source>
        <translation>Willkommen bei Steadyscope</translation>
    </message>
    <message>
        <source>One camera, three live views: raw as it comes, enhanced by the network, stabilized on the tooth. It is a visual aid; work by what you see directly.</source>
        <translation>Eine Kamera, drei Live-Ansichten: roh, wie das Bild kommt, verbessert durch das Netz, stabilisiert am Zahn. Es ist eine Sehhilfe; arbeiten Sie nach dem, was Sie selbst sehen.</translation>
    </message>
    <message>
        <source>Keys 1 to 5 choose the views, Space compares with raw, F freezes, B bypasses, F1 lists all keys.</source>
        <translation>Die Tasten 1 bis 5 wählen die Ansichten, Leertaste vergleicht mit dem Rohbild, F friert ein, B umgeht den Rechner, F1 zeigt alle Tasten.</translation>
    </message>
    <message>
        <source>Choose a camera…</source>
        <translation>Kamera wählen …</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>Beginnen</translation>
    </message>
    <message>
        <source>The picture is fresh. Nothing older than half a second is ever shown as live.</source>
        <translation>Das Bild ist frisch. Nichts, was älter als eine halbe Sekunde ist, gilt je als live.</translation>
    </message>
    <message>
        <source>The stabilized view holds the tooth. Tap a tooth in any view to hold that one.</source>
        <translation>Die stabilisierte Ansicht hält den Zahn. Tippen Sie in einer Ansicht auf einen Zahn, um diesen zu halten.</translation>
    </message>
    <message>
        <source>The tooth is hidden for a moment (water, spray); the view waits.</source>
        <translation>Der Zahn ist kurz verdeckt (Wasser, Spray); die Ansicht wartet.</translation>
    </message>
    <message>
        <source>The engine is late or off: you see the raw picture.</source>
        <translation>Der Rechner ist zu spät oder aus: Sie sehen das Rohbild.</translation>
    </message>
    <message>
        <source>You froze the picture. It is not live.</source>
        <translation>Sie haben das Bild eingefroren. Es ist nicht live.</translation>
    </message>
    <message>
        <source>No fresh picture comes. Do not work by what is shown.</source>
        <translation>Es kommt kein frisches Bild. Arbeiten Sie nicht nach dem, was zu sehen ist.</translation>
    </message>
</context>
<context>
    <name>Bench</name>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>Objektiv</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Vibration</source>
        <translation>Vibration</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latenz</translation>
    </message>
    <message>
        <source>to do</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>running</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>pass</source>
        <translation>bestanden</translation>
    </message>
    <message>
        <source>fail</source>
        <translation>nicht bestanden</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>Point the camera at a sharp, evenly lit surface with no instrument in view, and focus. Then start: hold still, then move slowly. Exposure, noise, flicker and dust are judged.</source>
        <translation>Die Kamera auf eine scharfe, gleichmäßig beleuchtete Fläche ohne Instrument richten und scharf stellen. Dann starten: erst ruhig halten, dann langsam bewegen. Beurteilt werden Belichtung, Rauschen, Flimmern und Staub.</translation>
    </message>
    <message>
        <source>Show the printed sheet {board} from all sides until the four bars are full.</source>
        <translation>Das gedruckte Blatt {board} von allen Seiten zeigen, bis die vier Balken voll sind.</translation>
    </message>
    <message>
        <source>Fill the picture with a 24-patch colour chart, evenly lit. Lower the exposure until no white is clipped. If the chart is not found, tap the outer corners of its four corner patches.</source>
        <translation>Das Bild mit einer gleichmäßig beleuchteten Farbtafel mit 24 Feldern füllen. Die Belichtung verringern, bis kein Weiß übersteuert ist. Wird die Tafel nicht gefunden, die äußeren Ecken ihrer vier Eckfelder antippen.</translation>
    </message>
    <message>
        <source>Nothing is clipped: start.</source>
        <translation>Nichts ist übersteuert: starten.</translation>
    </message>
    <message>
        <source>Hold the handpiece over a fixed target for twelve seconds, the rotor running.</source>
        <translation>Das Handstück zwölf Sekunden lang bei laufendem Rotor über ein festes Ziel halten.</translation>
    </message>
    <message>
        <source>Point the camera at the screen: a patch flashes 400 times, its phase stepped against the frames.</source>
        <translation>Die Kamera auf den Bildschirm richten: Ein Feld blitzt 400-mal, jedes Mal gegen den Bildtakt versetzt.</translation>
    </message>
    <message>
        <source>Automatic exposure</source>
        <translation>Belichtungsautomatik</translation>
    </message>
    <message>
        <source>Automatic white balance</source>
        <translation>Automatischer Weißabgleich</translation>
    </message>
    <message>
        <source>Automatic focus</source>
        <translation>Autofokus</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Gain</source>
        <translation>Verstärkung</translation>
    </message>
    <message>
        <source>White balance (K)</source>
        <translation>Weißabgleich (K)</translation>
    </message>
    <message>
        <source>Focus</source>
        <translation>Fokus</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>Contrast</source>
        <translation>Kontrast</translation>
    </message>
    <message>
        <source>Saturation</source>
        <translation>Sättigung</translation>
    </message>
    <message>
        <source>Sharpness</source>
        <translation>Schärfe</translation>
    </message>
    <message>
        <source>Gamma</source>
        <translation>Gamma</translation>
    </message>
    <message>
        <source>Backlight compensation</source>
        <translation>Gegenlichtausgleich</translation>
    </message>
    <message>
        <source>This source has no controls of its own. A camera's stand here.</source>
        <translation>Diese Quelle hat keine eigenen Regler. Die einer Kamera stehen hier.</translation>
    </message>
    <message>
        <source>This system does not tell a control's range. Type a value: the camera shows what it took.</source>
        <translation>Dieses System nennt den Bereich eines Reglers nicht. Einen Wert eintippen: Die Kamera zeigt, was sie angenommen hat.</translation>
    </message>
    <message>
        <source>This camera has no controls, or its driver does not tell them.</source>
        <translation>Diese Kamera hat keine Regler, oder ihr Treiber nennt sie nicht.</translation>
    </message>
    <message>
        <source>camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>identity</source>
        <translation>Kennung</translation>
    </message>
    <message>
        <source>{count} missed</source>
        <translation>{count} ausgefallen</translation>
    </message>
    <message>
        <source>delivered</source>
        <translation>geliefert</translation>
    </message>
    <message>
        <source>longest gap</source>
        <translation>längste Lücke</translation>
    </message>
    <message>
        <source>clipped</source>
        <translation>übersteuert</translation>
    </message>
    <message>
        <source>noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>flicker</source>
        <translation>Flimmern</translation>
    </message>
    <message>
        <source>dead pixels</source>
        <translation>tote Pixel</translation>
    </message>
    <message>
        <source>dust</source>
        <translation>Staub</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>RMS</source>
        <translation>RMS</translation>
    </message>
    <message>
        <source>unseen views</source>
        <translation>ungesehene Ansichten</translation>
    </message>
    <message>
        <source>focal length</source>
        <translation>Brennweite</translation>
    </message>
    <message>
        <source>optical centre</source>
        <translation>optische Mitte</translation>
    </message>
    <message>
        <source>views</source>
        <translation>Ansichten</translation>
    </message>
    <message>
        <source>{used} used, {left} left out</source>
        <translation>{used} verwendet, {left} ausgelassen</translation>
    </message>
    <message>
        <source>scale</source>
        <translation>Maßstab</translation>
    </message>
    <message>
        <source>before</source>
        <translation>vorher</translation>
    </message>
    <message>
        <source>after</source>
        <translation>nachher</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>overexposed</source>
        <translation>überbelichtet</translation>
    </message>
    <message>
        <source>underexposed</source>
        <translation>unterbelichtet</translation>
    </message>
    <message>
        <source>cut off at black</source>
        <translation>bei Schwarz abgeschnitten</translation>
    </message>
    <message>
        <source>patch {patches}</source>
        <translation>Feld {patches}</translation>
    </message>
    <message>
        <source>tremor raw</source>
        <translation>Zittern roh</translation>
    </message>
    <message>
        <source>stabilized</source>
        <translation>stabilisiert</translation>
    </message>
    <message>
        <source>lines</source>
        <translation>Linien</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>median</source>
        <translation>Median</translation>
    </message>
    <message>
        <source>sampling</source>
        <translation>Abtastung</translation>
    </message>
    <message>
        <source>Counting frames.</source>
        <translation>Zählt Bilder.</translation>
    </message>
    <message>
        <source>Lower the exposure: white areas are clipped.</source>
        <translation>Belichtung verringern: Weiße Stellen sind übersteuert.</translation>
    </message>
    <message>
        <source>Raise the exposure: dark areas are lost.</source>
        <translation>Belichtung erhöhen: Dunkle Stellen gehen verloren.</translation>
    </message>
    <message>
        <source>Turn the focus back: it was better before.</source>
        <translation>Fokus zurückdrehen: Es war schon schärfer.</translation>
    </message>
    <message>
        <source>Turn the focus until the curve is at its highest.</source>
        <translation>Den Fokus drehen, bis die Kurve am höchsten ist.</translation>
    </message>
    <message>
        <source>Hold the camera still.</source>
        <translation>Die Kamera ruhig halten.</translation>
    </message>
    <message>
        <source>Now move it slowly over the surface.</source>
        <translation>Jetzt langsam über die Fläche bewegen.</translation>
    </message>
    <message>
        <source>Hold still.</source>
        <translation>Ruhig halten.</translation>
    </message>
    <message>
        <source>Tap the next corner of the chart.</source>
        <translation>Die nächste Ecke der Tafel antippen.</translation>
    </message>
    <message>
        <source>Taken.</source>
        <translation>Aufgenommen.</translation>
    </message>
    <message>
        <source>Show the whole board to the camera.</source>
        <translation>Der Kamera die ganze Tafel zeigen.</translation>
    </message>
    <message>
        <source>Enough.</source>
        <translation>Genug.</translation>
    </message>
    <message>
        <source>A few more, each a little different.</source>
        <translation>Noch einige, jede ein wenig anders.</translation>
    </message>
    <message>
        <source>Move the board to the left.</source>
        <translation>Die Tafel nach links.</translation>
    </message>
    <message>
        <source>Move the board to the right.</source>
        <translation>Die Tafel nach rechts.</translation>
    </message>
    <message>
        <source>Move the board up.</source>
        <translation>Die Tafel nach oben.</translation>
    </message>
    <message>
        <source>Move the board down.</source>
        <translation>Die Tafel nach unten.</translation>
    </message>
    <message>
        <source>Come closer.</source>
        <translation>Näher heran.</translation>
    </message>
    <message>
        <source>Go farther away.</source>
        <translation>Weiter weg.</translation>
    </message>
    <message>
        <source>Tilt the board, left or right, up or down.</source>
        <translation>Die Tafel kippen, nach links oder rechts, oben oder unten.</translation>
    </message>
    <message>
        <source>The chart was read.</source>
        <translation>Die Tafel ist gelesen.</translation>
    </message>
    <message>
        <source>Waiting for the stabilized picture.</source>
        <translation>Wartet auf das stabilisierte Bild.</translation>
    </message>
    <message>
        <source>Hold the handpiece over the fixed target.</source>
        <translation>Das Handstück über das feste Ziel halten.</translation>
    </message>
    <message>
        <source>The target is lost: bring it back.</source>
        <translation>Das Ziel ist verloren: zurückholen.</translation>
    </message>
    <message>
        <source>progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>tilt</source>
        <translation>Neigung</translation>
    </message>
    <message>
        <source>X</source>
        <translation>X</translation>
    </message>
    <message>
        <source>Y</source>
        <translation>Y</translation>
    </message>
    <message>
        <source>raw</source>
        <translation>roh</translation>
    </message>
    <message>
        <source>jitter</source>
        <translation>Schwankung</translation>
    </message>
    <message>
        <source>unpacking</source>
        <translation>Auspacken</translation>
    </message>
    <message>
        <source>it costs (ms)</source>
        <translation>es kostet (ms)</translation>
    </message>
    <message>
        <source>{share} of a frame's time</source>
        <translation>{share} der Zeit eines Bildes</translation>
    </message>
    <message>
        <source>trials</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>screen</source>
        <translation>Bildschirm</translation>
    </message>
    <message>
        <source>software</source>
        <translation>Software</translation>
    </message>
    <message>
        <source>Set the camera below, then count its frames: how many come, how regularly, and what unpacking them costs. Five seconds.</source>
        <translation>Die Kamera unten einstellen, dann ihre Bilder zählen: wie viele kommen, wie regelmäßig, und was das Auspacken kostet. Fünf Sekunden.</translation>
    </message>
</context>
<context>
    <name>Histogram</name>
    <message>
        <source>white clipped {share}</source>
        <translation>Weiß übersteuert {share}</translation>
    </message>
    <message>
        <source>black clipped {share}</source>
        <translation>Schwarz abgeschnitten {share}</translation>
    </message>
</context>
<context>
    <name>FocusMeter</name>
    <message>
        <source>of the best focus seen</source>
        <translation>der besten Schärfe bisher</translation>
    </message>
</context>
<context>
    <name>CameraControlsPresenter</name>
    <message>
        <source>{control}: {wanted} was asked for, the camera took {value}.</source>
        <translation>{control}: {wanted} war gewünscht, die Kamera nahm {value}.</translation>
    </message>
</context>
<context>
    <name>PatientLabel</name>
    <message>
        <source>Patient {who}</source>
        <translation>Patient {who}</translation>
    </message>
</context>
<context>
    <name>ReceptionPresenter</name>
    <message>
        <source>Steadyscope is running already; this is its window.</source>
        <translation>Steadyscope läuft bereits; dies ist sein Fenster.</translation>
    </message>
    <message>
        <source>The patient is {new} already.</source>
        <translation>Der Patient ist bereits {new}.</translation>
    </message>
    <message>
        <source>Patient {new} was not taken over: a recording ({old}) is running.</source>
        <translation>Patient {new} wurde nicht übernommen: Eine Aufnahme ({old}) läuft.</translation>
    </message>
    <message>
        <source>Finish the recording, then start again from the practice software.</source>
        <translation>Beenden Sie die Aufnahme und starten Sie dann erneut aus der Praxissoftware.</translation>
    </message>
    <message>
        <source>The patient is {new} now.</source>
        <translation>Der Patient ist jetzt {new}.</translation>
    </message>
    <message>
        <source>Before: {old}. What is recorded from now on belongs to the new patient.</source>
        <translation>Vorher: {old}. Was ab jetzt aufgenommen wird, gehört zum neuen Patienten.</translation>
    </message>
    <message>
        <source>The patient has changed to {new}.</source>
        <translation>Patientenwechsel: jetzt {new}.</translation>
    </message>
    <message>
        <source>demonstration</source>
        <translation>Demonstration</translation>
    </message>
    <message>
        <source>Another start of Steadyscope was refused.</source>
        <translation>Ein weiterer Start von Steadyscope wurde abgelehnt.</translation>
    </message>
    <message>
        <source>Practice software cannot reach this window: its next patient would come in a second one.</source>
        <translation>Die Praxissoftware erreicht dieses Fenster nicht: Ihr nächster Patient käme in einem zweiten.</translation>
    </message>
    <message>
        <source>Close this window first, and check that the settings folder can be written.</source>
        <translation>Schließen Sie vorher dieses Fenster, und prüfen Sie, ob der Einstellungsordner beschreibbar ist.</translation>
    </message>
</context>
<context>
    <name>Distribution</name>
    <message>
        <source>{count} samples</source>
        <translation>{count} Werte</translation>
    </message>
    <message>
        <source>Not measured yet</source>
        <translation>Noch nicht gemessen</translation>
    </message>
</context>
</TS>
