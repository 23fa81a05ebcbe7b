# The second of the two commands on Windows: set up for tests, then lint and test.
& (Join-Path $PSScriptRoot "setup.ps1") -What test
Set-Location (Join-Path $PSScriptRoot "../..")
$bin = ".venv/Scripts"
foreach ($step in @(
        @("$bin/ruff.exe", "check", "."),
        @("$bin/ruff.exe", "format", "--check", "."),
        @("$bin/lint-imports.exe", "--no-cache"),
        @("$bin/mypy.exe"),
        @("$bin/python.exe", "-m", "pytest", "-q"))) {
    & $step[0] @($step | Select-Object -Skip 1)
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
