# The first of the two commands on Windows: set up if needed, then open the app on the demo source.
& (Join-Path $PSScriptRoot "setup.ps1")
& (Join-Path $PSScriptRoot "../../.venv/Scripts/steadyscope.exe") --demo
exit $LASTEXITCODE
