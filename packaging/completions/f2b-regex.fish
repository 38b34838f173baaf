# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_f2b_regex_global_optspecs
    string join \n c/config= d/datepattern= timezone= e/encoding= r/raw usedns= L/maxlines= m/journalmatch= l/log-level= v/verbose verbosity= verbose-date D/debuggex no-check-all o/out= i/invert print-no-missed print-no-ignored print-all-matched print-all-missed print-all-ignored format= now= color= top= max-addresses= line= threads= log= since= until= last= strip-ansi apply= write no-hints no-progress strict require-match V version t/log-traceback full-traceback h/help
end

function __fish_f2b_regex_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_f2b_regex_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_f2b_regex_using_subcommand
    set -l cmd (__fish_f2b_regex_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s c -l config -d 'Configuration directory: filter.d and jail.conf are looked up there' -r -f -a "(__fish_complete_directories)"
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s d -l datepattern -d 'Pattern(s) that find the date, in place of the filter\'s' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l timezone -l TZ -d 'Zone of dates that name none: UTC[+-]hhmm or an abbreviation' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s e -l encoding -d 'Encoding of the log [default: the locale\'s]' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l usedns -d 'Host names: yes and warn resolve them, no takes addresses only, raw keeps them' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s L -l maxlines -d 'Lines a regex may span; for multi-line filters' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s m -l journalmatch -d 'Journal matches in place of the filter\'s' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s l -l log-level -d 'Accepted; f2b-regex keeps no log of itself' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l verbosity -d 'Set the verbosity as a number, 0 to 4' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s o -l out -d 'Print one row per failure: id, ip, msg, row, a group\'s name, or text with <tags>' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l format -d 'How the report is written [default: table; classic under the name fail2ban-regex]' -r -f -a "table\t'For people: regexes, addresses and dates in tables'
json\t'For programs: one JSON object'
classic\t'fail2ban-regex\'s own report, byte for byte'"
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l now -d 'The clock, for dates without a year and reproducible runs (RFC 3339)' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l color -d 'Colours in the table' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l top -d 'Addresses listed [default: 10 in the table, all in JSON]' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l max-addresses -d 'Addresses known at most [default: 5000000]; of others only the hits are counted' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l line -d 'A log line as text, whatever it looks like, in place of LOG (may be repeated)' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l threads -d 'Threads [default: one per core]; the result is the same with any number' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l log -d 'A log, directory or quoted pattern in place of LOG (may be repeated)' -r -F
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l since -d 'Only lines from that time on: 2026-11-20, "2026-11-20 14:30", -2h, yesterday, RFC 3339' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l until -d 'Only lines before that time' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l last -d 'Only the last N lines' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l apply -d 'Run with hint N applied (N,M: both): the report is that of the changed filter' -r
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s r -l raw -d 'Keep failure ids as text: no address is parsed, no name resolved'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s v -l verbose -d 'Show more: every regex, every hit (repeat for the filter\'s options)'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l verbose-date -l VD -d 'Show pattern, regex and weight of every date template'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s D -l debuggex -d 'Print debuggex.com links for lines and regexes'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l no-check-all -d 'Stop at the first failregex that matches, as the fail2ban server does'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s i -l invert -d 'With --out: print the lines that do not match'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l print-no-missed -d 'Print no missed lines'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l print-no-ignored -d 'Print no ignored lines'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l print-all-matched -d 'Print all matched lines'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l print-all-missed -d 'Print all missed lines, however many'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l print-all-ignored -d 'Print all ignored lines, however many'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l strip-ansi -d 'Take ANSI colour codes out of lines before matching'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l write -d 'With --apply: put the change into the filter\'s .local (twice: over a value it has)'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l no-hints -d 'Do not look for what would help; the table and the JSON report end with hints'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l no-progress -d 'No progress bar'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l strict -d 'Treat warnings as failures: status 1'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l require-match -d 'Status 1 where nothing matched'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s V -d 'Print the version, short'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l version -d 'Print name and version'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s t -l log-traceback -d 'Accepted for fail2ban-regex\'s sake; no effect'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -l full-traceback -d 'Accepted for fail2ban-regex\'s sake; no effect'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -a "bench" -d 'Time a filter\'s regexes, and compare two filters'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -a "check" -d 'Check filters: faults, annotated samples, coverage, traps. For filter repositories'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -a "completions" -d 'Write completions of the whole command line for a shell to standard output'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -a "explain" -d 'Why does a line match, or not? Shows it step by step: the date, the prefregex, how near each failregex came, the session, and what would help'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -a "merge" -d 'Add up JSON reports of shards: the report of one run over all of them'
complete -c f2b-regex -n "__fish_f2b_regex_needs_command" -a "simulate" -d 'Replay a log through fail2ban\'s rules: who would be banned, when, and why not'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l against -d 'Compare with this filter, or with FILTER as a git revision has it' -r -F
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l runs -d 'Measured rounds, as long as they take no longer than --patience' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l warmup -d 'Rounds before them that do not count' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l patience -d 'Seconds after which no further round of a filter is begun' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l python -d 'Measure with Python\'s own re too: what fail2ban really pays [default: python3]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l slowest -d 'Slow lines kept of each regex' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l max-ns-per-line -d 'Status 1 if a line takes longer than this on average, in nanoseconds' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l max-ratio -d 'Status 1 if FILTER takes more than so many times as long as the other' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l examples -d 'Example lines shown of each kind of change' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l lines -d 'Lines of the log to use, from its start' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -s c -l config -d 'Configuration directory: filter.d and jail.conf are looked up there' -r -f -a "(__fish_complete_directories)"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -s d -l datepattern -d 'Pattern(s) that find the date, in place of the filters\' own' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l timezone -l TZ -d 'Zone of dates that name none: UTC[+-]hhmm or an abbreviation' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -s e -l encoding -d 'Encoding of the log [default: the locale\'s]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l usedns -d 'Host names: yes and warn resolve them, no takes addresses only, raw keeps them' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -s L -l maxlines -d 'Lines a regex may span; for multi-line filters' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l now -d 'The clock, for dates without a year and reproducible runs (RFC 3339)' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l format -d 'How the report is written' -r -f -a "table\t'For people'
json\t'For programs: one JSON object'
markdown\t'For a pull request or a wiki'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l color -d 'Colours in the table' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l fail-on-change -d 'Status 1 where the two filters differ in meaning on this log'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l no-time -d 'Compare meaning only; measure nothing'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -s r -l raw -d 'Keep failure ids as text: no address is parsed, no name resolved'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -l no-check-all -d 'Stop at the first failregex that matches, as the fail2ban server does'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -s s -l samples -d 'Annotated logs (failJSON), named like their filters; may be repeated' -r -f -a "(__fish_complete_directories)"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l coverage-min -d 'Fail if less than this percentage of a filter\'s failregexes is exercised' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l explain -d 'Explain a code of the report, or all of them' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l format -d 'How the report is written' -r -f -a "human\t'For people: what is wrong, where, with a caret'
json\t'For programs: one JSON object'
junit\t'JUnit XML, for most CI servers'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of a GitHub workflow'
tap\t'The Test Anything Protocol'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l now -d 'The clock of the samples (RFC 3339) [default: 2005-08-14T12:00:00+02:00]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l zone -d 'The zone of the samples: a name or a TZ rule [default: that of fail2ban\'s own tests]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l threads -d 'Filters checked at the same time [default: one per processor]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l color -d 'Colours in the report' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l no-lint -d 'Run no lint rules'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l python -d 'Prove backtracking by python3 too, where it is installed'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l update -d 'Write what each line gives at present into the .yaml or .toml files, for review'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l strict -d 'Let warnings fail the check too'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -s v -l verbose -d 'Show notes, and one line per filter'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -l no-progress -d 'No progress bar'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -s n -l line-number -d 'The line of LOG to explain, counted from 1 [default: the first that is missed]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l top -d 'Near misses shown' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -s c -l config -d 'Configuration directory: filter.d and jail.conf are looked up there' -r -f -a "(__fish_complete_directories)"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -s d -l datepattern -d 'Pattern(s) that find the date, in place of the filter\'s' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l timezone -l TZ -d 'Zone of dates that name none: UTC[+-]hhmm or an abbreviation' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -s e -l encoding -d 'Encoding of the log [default: the locale\'s]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l usedns -d 'Host names: yes and warn resolve them, no takes addresses only, raw keeps them' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -s L -l maxlines -d 'Lines a regex may span; for multi-line filters' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l format -d 'table or json' -r -f -a "table\t'For people: regexes, addresses and dates in tables'
json\t'For programs: one JSON object'
classic\t'fail2ban-regex\'s own report, byte for byte'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l now -d 'The clock, for dates without a year and reproducible runs (RFC 3339)' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l color -d 'Colours in the table' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l literal -d 'Take the first argument for a line, whatever it looks like'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l strip-ansi -d 'Read the log without the escape sequences that colour it'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -l no-hints -d 'Do not look for what would help'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -l format -d 'How the result is written' -r -f -a "table\t'For people'
json\t'For programs: the one object that a run over all logs would write'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -l top -d 'Addresses listed [default: 10 in the table, all in JSON]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -l color -d 'Colours in the table' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -l now -d 'The clock of the one run (RFC 3339) [default: that of the reports, or now]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -s v -l verbose -d 'Show more in the table: every regex'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -l strict -d 'Treat warnings as failures: status 1'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -l require-match -d 'Status 1 where nothing matched'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -s c -l config -d 'Configuration directory: jail.conf and filter.d are looked up there' -r -f -a "(__fish_complete_directories)"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l jails -d 'These jails, enabled or not, as --all-jails' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l maxretry -d 'Failures that lead to a ban' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l findtime -d 'In what time they must happen' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l bantime -d 'How long a ban lasts; -1 for ever' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l maxmatches -d 'Lines remembered with a ban' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l increment -d 'Longer bans for those who come back (bantime.increment)' -r -f -a "true\t''
false\t''"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l factor -d 'bantime.factor' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l formula -d 'bantime.formula' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l multipliers -d 'bantime.multipliers, such as "1 2 4 8"' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l maxtime -d 'bantime.maxtime' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l overalljails -d 'Bans of all jails count for the increment (bantime.overalljails)' -r -f -a "true\t''
false\t''"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l ignoreip -d 'Never banned: addresses, networks, file:PATH; host names with --usedns yes' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l ignoreself -d 'Whether this machine\'s own addresses are never banned' -r -f -a "true\t''
false\t''"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l ignoreregex -d 'An ignoreregex in place of the filter\'s' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l dbpurgeage -d 'After what time the database forgets bans (dbpurgeage), for --increment' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l sweep -d 'Try settings: maxretry=1..10,findtime=1m..1d; bantime too; a/b/c for single values' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l plot -d 'Draw failures and bans over time into FILE.svg or FILE.png' -r -F
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l format -d 'How the result is written' -r -f -a "table\t'For people'
json\t'For programs: one JSON object'
matches\t'No simulation: the failures, one JSON line each, for --matches'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l top -d 'Bans and addresses shown in the table' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -s d -l datepattern -d 'Pattern(s) that find the date, in place of the filter\'s' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l timezone -l TZ -d 'Zone of dates that name none: UTC[+-]hhmm or an abbreviation' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -s e -l encoding -d 'Encoding of the logs [default: the jail\'s, the locale\'s]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l usedns -d 'Host names: yes resolves them, raw bans them as they are, no passes them over' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l now -d 'The clock, for dates without a year (RFC 3339)' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l threads -d 'Threads that match lines [default: one per core]' -r
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l color -d 'Colours in the table' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l matches -d 'LOG is what --format matches wrote, of shards, in their order: nothing is matched again'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l all-jails -d 'Every enabled jail, each on its logpath or all on LOG; recidive gets their bans'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l blocking -d 'Bans work: lines of a banned address do not count'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -l require-ban -d 'Status 1 where nobody would be banned'
complete -c f2b-regex -n "__fish_f2b_regex_using_subcommand simulate" -s h -l help -d 'Print help (see more with \'--help\')'
