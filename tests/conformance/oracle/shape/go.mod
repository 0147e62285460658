module example.org/botlab/shape

go 1.21
