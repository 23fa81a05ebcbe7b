# Makes .venv and fills it: `setup.ps1` for the app, `setup.ps1 -What test` adds what tests and training need.
param([ValidateSet("runtime", "test")][string]$What = "runtime", [string]$Python = "py -3.11")
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "../..")

function Invoke-Checked([string]$Command, [string[]]$Arguments) {
    & $Command @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Command $($Arguments -join ' ') ended with code $LASTEXITCODE." }
}

if (-not (Test-Path ".venv/Scripts/python.exe")) {
    $parts = $Python -split " "
    Invoke-Checked $parts[0] (@($parts | Select-Object -Skip 1) + @("-m", "venv", ".venv"))
}
$venv = ".venv/Scripts/python.exe"
$pip = @("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
Invoke-Checked $venv ($pip + @("--require-hashes", "-r", "packaging/lock/runtime.txt"))
if ($What -eq "test") {
    Invoke-Checked $venv ($pip + @("--require-hashes", "-r", "packaging/lock/test.txt"))
    Invoke-Checked $venv ($pip + @("--editable", ".[test]"))
} else {
    Invoke-Checked $venv ($pip + @("--no-deps", "--editable", "."))
}
Write-Host "setup: $What set up in .venv"
