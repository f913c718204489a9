; The installer of o365desk for Windows, for Inno Setup 6.3 or later; compiled by build.ps1.
; Not run yet: this was written on Linux, after https://jrsoftware.org/ishelp/.
;
; For one person, without administrator rights (the default), or for everybody on the computer:
; the first window asks. Without any window:
;
;   o365desk-1.2.3-setup.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /ALLUSERS
;   o365desk-1.2.3-setup.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /CURRENTUSER
;
;   /CONNECTIONS="\\server\share\connections.json"  with /ALLUSERS: the connections of everybody here
;   /DIR="D:\Programs\o365desk"                     another folder
;   /LOG="C:\setup.log"                             what was done
;
; A newer version installs over an older one in the same mode. Away again, silently:
;
;   "C:\Program Files\o365desk\unins000.exe" /VERYSILENT /SUPPRESSMSGBOXES /NORESTART

#ifndef Version
  #error Say which version: ISCC /DVersion=1.2.3 setup.iss
#endif

[Setup]
; Never change the id: by it an installation is found and replaced.
AppId={{6C0E7F0B-6D0B-4B7E-9F0C-0E6A3D365DE5}
AppName=o365desk
AppVersion={#Version}
AppPublisher=o365desk contributors
VersionInfoVersion={#Version}
DefaultDirName={autopf}\o365desk
DisableProgramGroupPage=yes
UninstallDisplayIcon={app}\o365desk.exe
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; Qt 6 runs on Windows 10 from version 1809.
MinVersion=10.0.17763
; A running copy is asked to close, as when the person signs out: a write that is under way ends first.
CloseApplications=yes
RestartApplications=no
SourceDir=..\..
OutputDir=dist
OutputBaseFilename=o365desk-{#Version}-setup
SetupIconFile=build\o365desk.ico
LicenseFile=LICENSE
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked

[InstallDelete]
; What an older version had brought: a left-over library would be loaded before a new one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "dist\o365desk\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion
; The administrator's connections, named on the command line. They stay when the program goes.
Source: "{param:connections}"; DestDir: "{commonappdata}\o365desk"; DestName: "connections.json"; \
  Flags: external ignoreversion uninsneveruninstall; Check: ConnectionsAreGiven

[Icons]
Name: "{autoprograms}\o365desk"; Filename: "{app}\o365desk.exe"
Name: "{autoprograms}\o365desk (practice)"; Filename: "{app}\o365desk.exe"; Parameters: "--demo"
Name: "{autodesktop}\o365desk"; Filename: "{app}\o365desk.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\o365desk.exe"; Description: "{cm:LaunchProgram,o365desk}"; Flags: nowait postinstall skipifsilent

[Code]
function ConnectionsAreGiven: Boolean;
begin
  Result := IsAdminInstallMode and (ExpandConstant('{param:connections}') <> '');
end;
