#ifndef A
