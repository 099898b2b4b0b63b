; Windows set-up file of Tidemark. Built by installers/windows/build.py, which defines
; VERSION, SOURCE (folder with app and wheels), TARGET and PYTHON.
; Data lives in %LOCALAPPDATA%\tidemark: neither upgrade nor uninstall goes near it.
Unicode true
Name "Tidemark ${VERSION}"
OutFile "${TARGET}"
InstallDir "$PROGRAMFILES64\Tidemark"
RequestExecutionLevel admin
SetCompressor zlib
!include "LogicLib.nsh"
!include "x64.nsh"

Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section "Tidemark"
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "Tidemark needs 64-bit Windows.$\r$\nTidemark 需要 64 位 Windows。"
    Abort
  ${EndIf}
  nsExec::ExecToStack 'py -${PYTHON} -c "import sys"'
  Pop $0
  ${If} $0 != 0
    MessageBox MB_ICONSTOP "Install Python ${PYTHON} (64-bit) first, then run this again.$\r$\n请先安装 Python ${PYTHON}（64 位），再运行本程序。"
    Abort
  ${EndIf}
  ; an upgrade replaces program files only
  RMDir /r "$INSTDIR\app"
  RMDir /r "$INSTDIR\wheels"
  SetOutPath "$INSTDIR\app"
  File /r "${SOURCE}/app/*"
  SetOutPath "$INSTDIR\wheels"
  File /r "${SOURCE}/wheels/*"
  SetOutPath "$INSTDIR"
  File "${SOURCE}/requirements-windows.lock"
  DetailPrint "Making the environment / 正在准备运行环境"
  nsExec::ExecToLog 'py -${PYTHON} -m venv --clear "$INSTDIR\venv"'
  Pop $0
  ${If} $0 != 0
    MessageBox MB_ICONSTOP "The environment could not be made (code $0).$\r$\n运行环境创建失败（代码 $0）。"
    Abort
  ${EndIf}
  nsExec::ExecToLog '"$INSTDIR\venv\Scripts\python.exe" -m pip install --no-index --no-deps --find-links "$INSTDIR\wheels" --require-hashes -r "$INSTDIR\requirements-windows.lock"'
  Pop $0
  ${If} $0 != 0
    MessageBox MB_ICONSTOP "The packages could not be installed (code $0).$\r$\n程序包安装失败（代码 $0）。"
    Abort
  ${EndIf}
  FileOpen $1 "$INSTDIR\venv\Lib\site-packages\tidemark.pth" w
  FileWrite $1 "$INSTDIR\app$\r$\n"
  FileClose $1
  SetShellVarContext all
  CreateDirectory "$SMPROGRAMS\Tidemark"
  CreateShortcut "$SMPROGRAMS\Tidemark\Tidemark.lnk" "$INSTDIR\venv\Scripts\pythonw.exe" "-m pos_client"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tidemark" "DisplayName" "Tidemark"
  WriteRegStr HKLM "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tidemark" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tidemark" "UninstallString" '"$INSTDIR\uninstall.exe"'
SectionEnd

Section "Uninstall"
  SetShellVarContext all
  RMDir /r "$INSTDIR\app"
  RMDir /r "$INSTDIR\wheels"
  RMDir /r "$INSTDIR\venv"
  Delete "$INSTDIR\requirements-windows.lock"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  RMDir /r "$SMPROGRAMS\Tidemark"
  DeleteRegKey HKLM "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tidemark"
SectionEnd
