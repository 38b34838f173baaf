# not read by anything here
