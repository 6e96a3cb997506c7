#!/bin/sh
cd /tmp
read line
[ $a == b ]
