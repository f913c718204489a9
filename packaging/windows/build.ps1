<#
.SYNOPSIS
    Builds o365desk for Windows: the bundle, a portable archive and the installer.
.DESCRIPTION
    Needs Windows 10 or 11, Python 3.11 to 3.14 (python.org or the Store) and, for the installer,
    Inno Setup 6.3 or later (https://jrsoftware.org/isdl.php). In PowerShell, in the checkout:

        powershell -ExecutionPolicy Bypass -File packaging\windows\build.ps1

    Everything is installed into .venv-package from requirements-package.lock, with hashes.
    Not run yet: this was written on Linux. The specification of the bundle and its check were run
    there; this script and setup.iss were only read through.
.PARAMETER Python
    The Python to build with; its architecture is the program's.
.PARAMETER SignWith
    Thumbprint of a code signing certificate in the person's store; empty signs nothing.
.PARAMETER TimestampServer
    Time-stamping service for signatures.
.PARAMETER NoInstaller
    Stops after the bundle and its archive, without Inno Setup.
#>
[CmdletBinding()]
param(
    [string] $Python = 'py',
    [string] $SignWith = '',
    [string] $TimestampServer = 'http://timestamp.digicert.com',
    [switch] $NoInstaller
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 3
$root = Split-Path (Split-Path $PSScriptRoot)
Set-Location $root

function Invoke-Checked {
    # Runs a program; PowerShell itself goes on after one that failed.
    param([string] $Program, [string[]] $Arguments)
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program ended with $LASTEXITCODE." }
}

function Set-Signature {
    param([string[]] $Files)
    if (-not $SignWith) { return }
    $arguments = @('sign', '/sha1', $SignWith, '/fd', 'sha256', '/tr', $TimestampServer, '/td', 'sha256')
    Invoke-Checked 'signtool.exe' ($arguments + $Files)
}

# The bundle

$venv = Join-Path $root '.venv-package\Scripts\python.exe'
if (-not (Test-Path $venv)) { Invoke-Checked $Python @('-m', 'venv', '.venv-package') }
Invoke-Checked $venv @('-m', 'pip', 'install', '--require-hashes', '-r', 'requirements-package.lock')
$env:PYTHONHASHSEED = '0'
Invoke-Checked $venv @('-m', 'PyInstaller', '--noconfirm', '--log-level', 'WARN',
    '--distpath', 'dist', '--workpath', 'build\pyinstaller', 'packaging\o365desk.spec')
$programs = @('dist\o365desk\o365desk.exe', 'dist\o365desk\o365desk-cli.exe')
Set-Signature $programs

# What ships is what was tested: the packaged program walks through the main job.

Invoke-Checked 'dist\o365desk\o365desk-cli.exe' @('--demo', '--tour', 'build\package-test')

# The archive and the installer

$version = (Get-Item $programs[0]).VersionInfo.ProductVersion
Compress-Archive -Force -Path 'dist\o365desk' -DestinationPath "dist\o365desk-$version-windows.zip"
if ($NoInstaller) { return }

$folders = @(${env:ProgramFiles(x86)}, $env:ProgramFiles, "$env:LOCALAPPDATA\Programs")
$compiler = foreach ($folder in $folders) {
    foreach ($release in 'Inno Setup 7', 'Inno Setup 6') {
        $found = Join-Path $folder "$release\ISCC.exe"
        if (Test-Path $found) { $found }
    }
}
if (-not $compiler) { throw 'Inno Setup is not here: https://jrsoftware.org/isdl.php' }
Invoke-Checked @($compiler)[0] @('/Qp', "/DVersion=$version", 'packaging\windows\setup.iss')
$installer = "dist\o365desk-$version-setup.exe"
Set-Signature @($installer)
Write-Output "Made: $installer"
