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
#define Commands "photosearch.exe"

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
ShowLanguageDialog=auto

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"
Name: "fr"; MessagesFile: "compiler:Languages\French.isl"

[CustomMessages]
en.SearchHere=Search photos here
de.SearchHere=Hier Fotos suchen
fr.SearchHere=Chercher des photos ici
en.Desktop=Put an icon on the desktop
de.Desktop=Ein Symbol auf den Desktop legen
fr.Desktop=Placer une icône sur le bureau
en.Folders=Show “Search photos here” in the menu of folders and drives
de.Folders=„Hier Fotos suchen“ im Menü von Ordnern und Laufwerken anzeigen
fr.Folders=Afficher « Chercher des photos ici » dans le menu des dossiers et des lecteurs
en.Open=Open PhotoSearch
de.Open=PhotoSearch öffnen
fr.Open=Ouvrir PhotoSearch
en.Running=PhotoSearch is running, so it cannot be removed. Quit it, also by its icon beside the clock, then choose Retry.
de.Running=PhotoSearch läuft noch und kann deshalb nicht entfernt werden. Beenden Sie es, auch über das Symbol neben der Uhr, und wählen Sie dann „Wiederholen“.
fr.Running=PhotoSearch est en cours d’exécution et ne peut donc pas être supprimé. Quittez-le, aussi par son icône près de l’horloge, puis choisissez « Réessayer ».
en.KeepLibrary=Keep your photo library? It holds the names you gave, favourites, models and small pictures. Your photos themselves are never touched.
de.KeepLibrary=Möchten Sie Ihre Fotobibliothek behalten? In ihr sind die Namen, die Sie vergeben haben, Favoriten, Modelle und kleine Bilder. Ihre Fotos selbst werden nie angerührt.
fr.KeepLibrary=Conserver votre photothèque ? Elle contient les noms que vous avez donnés, les favoris, les modèles et les petites images. Vos photos elles-mêmes ne sont jamais touchées.

[Tasks]
Name: "desktop"; Description: "{cm:Desktop}"
Name: "folders"; Description: "{cm:Folders}"

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
; The menu of a folder, of a drive, and of the empty space in an open one. The root of a drive ends
; with a backslash, which would join the quote behind it: hence the dot.
Root: HKCU; Subkey: "Software\Classes\Directory\shell\PhotoSearch"; ValueType: string; ValueName: ""; ValueData: "{cm:SearchHere}"; Flags: uninsdeletekey; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\shell\PhotoSearch"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#Window}"; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\shell\PhotoSearch\command"; ValueType: string; ValueName: ""; ValueData: """{app}\{#Window}"" ""%1"""; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Drive\shell\PhotoSearch"; ValueType: string; ValueName: ""; ValueData: "{cm:SearchHere}"; Flags: uninsdeletekey; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Drive\shell\PhotoSearch"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#Window}"; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Drive\shell\PhotoSearch\command"; ValueType: string; ValueName: ""; ValueData: """{app}\{#Window}"" ""%1."""; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\Background\shell\PhotoSearch"; ValueType: string; ValueName: ""; ValueData: "{cm:SearchHere}"; Flags: uninsdeletekey; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\Background\shell\PhotoSearch"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\{#Window}"; Tasks: folders
Root: HKCU; Subkey: "Software\Classes\Directory\Background\shell\PhotoSearch\command"; ValueType: string; ValueName: ""; ValueData: """{app}\{#Window}"" ""%V."""; Tasks: folders

[Run]
Filename: "{app}\{#Window}"; Description: "{cm:Open}"; Flags: nowait postinstall skipifsilent

[Code]
const
  RunKey = 'Software\Microsoft\Windows\CurrentVersion\Run';

// Windows lets nobody write to a program that runs.
function Runs(Name: String): Boolean;
var
  Path: String;
  Stream: TFileStream;
begin
  Result := False;
  Path := ExpandConstant('{app}\') + Name;
  if not FileExists(Path) then
    Exit;
  try
    Stream := TFileStream.Create(Path, fmOpenReadWrite or fmShareExclusive);
    Stream.Free;
  except
    Result := True;
  end;
end;

// Nothing is removed under a program that runs. It is not ended by force either: only its user
// knows what it is doing, in the window or behind the icon beside the clock.
function InitializeUninstall: Boolean;
begin
  Result := True;
  while Result and (Runs('{#Window}') or Runs('{#Commands}')) do
    Result := SuppressibleMsgBox(CustomMessage('Running'), mbError, MB_RETRYCANCEL, IDCANCEL) = IDRETRY;
end;

// `photosearch.gui.background.autostart` writes a value for each library. Those of a PhotoSearch
// that lies elsewhere stay.
procedure StartNoLonger;
var
  Names: TArrayOfString;
  Index: Integer;
  Command: String;
begin
  if not RegGetValueNames(HKEY_CURRENT_USER, RunKey, Names) then
    Exit;
  for Index := 0 to GetArrayLength(Names) - 1 do
    if Pos('PhotoSearch', Names[Index]) = 1 then
      if RegQueryStringValue(HKEY_CURRENT_USER, RunKey, Names[Index], Command) then
        if Pos(Lowercase(ExpandConstant('{app}\')), Lowercase(Command)) > 0 then
          RegDeleteValue(HKEY_CURRENT_USER, RunKey, Names[Index]);
end;

// The library lies where `photosearch.paths` says. Whoever does not answer keeps it.
procedure OfferToDeleteLibrary;
var
  Library: String;
begin
  Library := ExpandConstant('{localappdata}\photosearch');
  if not DirExists(Library) or UninstallSilent then
    Exit;
  if SuppressibleMsgBox(CustomMessage('KeepLibrary'), mbConfirmation, MB_YESNO or MB_DEFBUTTON1, IDYES) = IDNO then
    DelTree(Library, True, True, True);
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
begin
  if CurUninstallStep = usUninstall then
    StartNoLonger;
  if CurUninstallStep = usPostUninstall then
    OfferToDeleteLibrary;
end;
