@echo off
rem Starts the skerry command with the right Node: the one installed with the package, else the
rem system's when it is 22 or newer.
setlocal DisableDelayedExpansion
for %%I in ("%~dp0..") do set "SKERRY_ROOT=%%~fI"
set "SKERRY_MAIN=%SKERRY_ROOT%\dist\main\cli\main.js"
set "SKERRY_NODE="

if not exist "%SKERRY_MAIN%" (
  >&2 echo skerry: not built yet. Run npm ci ^(or npm run build^) in "%SKERRY_ROOT%".
  exit /b 1
)

if exist "%SKERRY_ROOT%\node_modules\node\bin\node.exe" set "SKERRY_NODE=%SKERRY_ROOT%\node_modules\node\bin\node.exe"

rem Any other one has to say how old it is first.
if not defined SKERRY_NODE if exist "%SKERRY_ROOT%\..\node\bin\node.exe" (
  for /f "tokens=1 delims=v." %%V in ('""%SKERRY_ROOT%\..\node\bin\node.exe" --version" 2^>nul') do if %%V geq 22 set "SKERRY_NODE=%SKERRY_ROOT%\..\node\bin\node.exe"
)
if not defined SKERRY_NODE (
  for /f "tokens=1 delims=v." %%V in ('node.exe --version 2^>nul') do if %%V geq 22 set "SKERRY_NODE=node.exe"
)

if not defined SKERRY_NODE (
  >&2 echo skerry: no Node.js 22 or newer was found. Run npm ci in "%SKERRY_ROOT%", or install it from https://nodejs.org.
  exit /b 1
)

"%SKERRY_NODE%" "%SKERRY_MAIN%" %*
exit /b %ERRORLEVEL%
