; The installer for Windows: for one user, without an administrator's rights.
;
;   iscc /DVersion=0.1.0 packaging\windows\photosearch.iss
;
; takes the bundle from dist\PhotoSearch and its icon from the bundle, and writes
; dist\PhotoSearch-VERSION-setup.exe. Needs Inno Setup 6.3 or newer.

#ifndef Version
  #error Say which version: /DVersion=0.1.0
#endif
#define Bundle "..\..\dist\PhotoSearch"
#define Window "photosearch-window.exe"

[Setup]
AppId={{6E0B6D0C-6E4B-4F1B-9C3B-0C6B0C3E9A41}
AppName=PhotoSearch
AppVersion={#Version}
AppPublisher=The PhotoSearch developers
DefaultDirName={autopf}\PhotoSearch
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile={#Bundle}\_internal\icons\photosearch.ico
UninstallDisplayIcon={app}\{#Window}
OutputDir=..\..\dist
OutputBaseFilename=PhotoSearch-{#Version}-setup
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
ChangesAssociations=yes

[Tasks]
Name: "desktop"; Description: "Put an icon on the desktop"
Name: "folders"; Description: "Show “Search photos here” in the menu of folders"

[InstallDelete]
; Libraries of an earlier version must not stay among those of this one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "{#Bundle}\_internal\onnxruntime\capi\DirectML.dll"; DestDir: "{app}\_internal\onnxruntime\capi"; Flags: ignoreversion

[Icons]
Name: "{autoprograms}\PhotoSearch"; Filename: "{app}\{#Window}"
Name: "{autodesktop}\PhotoSearch"; Filename: "{app}\{#Window}"; Tasks: desktop

[Registry]
; The menu of a folder, and of the empty space in an open one. There the folder may be the root of a
; drive, whose backslash would join the quote behind it: hence the dot.
Root: HKCU; Subkey: "Software\Classes\Directory\shell\PhotoSearch"; ValueType: string; ValueName: ""; ValueData: "Search photos here"; Flags: uninsdeletekey; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\shell\PhotoSearch"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#Window}"; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\shell\PhotoSearch\command"; ValueType: string; ValueName: ""; ValueData: """{app}\{#Window}"" ""%1"""; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\Background\shell\PhotoSearch"; ValueType: string; ValueName: ""; ValueData: "Search photos here"; Flags: uninsdeletekey; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\Background\shell\PhotoSearch"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#Window}"; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\Background\shell\PhotoSearch\command"; ValueType: string; ValueName: ""; ValueData: """{app}\{#Window}"" ""%V."""; Tasks: folders

[Run]
Filename: "{app}\{#Window}"; Description: "Open PhotoSearch"; Flags: nowait postinstall skipifsilent

[Code]
const
  Question = 'Keep your photo library? It holds the names you gave, favourites, models and small '
    + 'pictures. Your photos themselves are never touched.';

// The library lies where `photosearch.paths` says. Whoever does not answer keeps it.
procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
var
  Library: String;
begin
  if CurUninstallStep <> usPostUninstall then
    Exit;
  Library := ExpandConstant('{localappdata}\photosearch');
  if not DirExists(Library) or UninstallSilent then
    Exit;
  if SuppressibleMsgBox(Question, mbConfirmation, MB_YESNO or MB_DEFBUTTON1, IDYES) = IDNO then
    DelTree(Library, True, True, True);
end;
