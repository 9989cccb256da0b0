module orgplane/bench/driver

go 1.25
