complete --keep-order --exclusive --command f2b-regex --arguments "(F2B_COMPLETE=fish f2b-regex -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
