@echo off
rem Gives an account the rights on one container that group-writeback needs, in a Windows AD domain.
rem
rem   delegate-windows.cmd "OU=Cloud Groups,DC=contoso,DC=com" CONTOSO\svc-writeback
rem
rem Run it as a domain administrator where dsacls is (a domain controller, or RSAT). On the
rem container: create and delete groups, there and below. On groups below it: read and write each
rem attribute that the default mapping writes. Nothing else, and nothing elsewhere.
rem Run again, it changes nothing. To take the rights back:  dsacls CONTAINER /R ACCOUNT
setlocal
if "%~2"=="" (
    echo usage: %~nx0 "OU=Cloud Groups,DC=contoso,DC=com" DOMAIN\account
    exit /b 2
)
set "container=%~1"
set "account=%~2"

dsacls "%container%" /I:T /G "%account%:CCDC;group" >nul || goto :failed
for %%a in (cn name member sAMAccountName groupType displayName displayNamePrintable description
            mail adminDescription proxyAddresses info managedBy) do (
    dsacls "%container%" /I:S /G "%account%:RPWP;%%a;group" >nul || goto :failed
)

rem In the schema since Windows Server 2016; before that the mapping leaves it out.
dsacls "%container%" /I:S /G "%account%:RPWP;msDS-ExternalDirectoryObjectId;group" >nul || (
    echo msDS-ExternalDirectoryObjectId is not in this schema: left out
)

rem Only if your mapping writes Exchange's attributes: name them here, for example
rem   dsacls "%container%" /I:S /G "%account%:RPWP;mailNickname;group"

echo %account% may now write groups in %container%
exit /b 0

:failed
echo dsacls refused; is the container's name right, and may you change its permissions?
exit /b 1
