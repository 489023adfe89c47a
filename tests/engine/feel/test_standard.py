"""Standard mode, as DMN 1.5 says: an expression and what it equals, line by line. ``null`` is the answer to nonsense."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine import feel
from zerofactory_engine.feel.values import Selection, Table

SCOPE: dict[str, Any] = {
    "x": Decimal(5), "name": "wind", "nothing": None, "full name": "grid company", "list": [Decimal(1), Decimal(2), Decimal(3)],
    "t": Table("t", ["R1", "R2"], {"a": [Decimal(1), None], "b": ["p", "q"]}),
    "s": Selection([Decimal(7)], {}),
}

TABLE = r"""
## literals, comments, escapes
1.50 ==> 1.5
1e3 ==> 1000
.5 + 1.25E-1 ==> 0.625
-x ==> -5
"a\tb\"c\\d" ==> "a	b\"c\\d"
"\u4e2d\U01F40E\s" ==> "中🐎\\s"
"\ud83d\udca9" ==> "\U01F4A9"
1 /* one */ + 2 // and two ==> 3
full name ==> "grid company"
@"2025-02-30" ==> null
@"2025-03-01T" ==> null
unheard_of ==> null
## arithmetic
1/3*3 = 1 ==> false
10 / 4 ==> 2.5
1 / 0 ==> null
0 / 0 ==> null
2 ** 3 ** 2 ==> 64
-3 ** 2 ==> 9
10 ** 7000 ==> null
"a" + "b" ==> "ab"
"a" + 1 ==> null
true + 1 ==> null
-"a" ==> null
2 - - 3 ==> 5
--x ==> 5
1 + nothing ==> null
## comparison and equality
1 = 1.0 ==> true
"1" = 1 ==> null
null = null ==> true
null != 1 ==> true
1 = null ==> false
nothing < 1 ==> null
true < false ==> null
"a" < "b" ==> true
2 >= 2 ==> true
2 > 2 ==> false
[1, [2]] = [1, [2]] ==> true
[1] = [1, 2] ==> false
[1, "a"] != [1, 1] ==> true
{a: 1, b: [2]} = {b: [2], a: 1} ==> true
{a: 1} = {a: 2} ==> false
{a: 1} = {b: 1} ==> false
[1..3] = [1..3] ==> true
[1..3] = (1..3] ==> false
5 between 1 and 5 ==> true
x between 6 and 9 ==> false
"a" between 1 and 2 ==> null
## three-valued logic
true and null ==> null
false and null ==> false
null and false ==> false
true or null ==> true
null or true ==> true
null or false ==> null
false or false ==> false
true and true ==> true
1 and true ==> null
not(true) ==> false
not(null) ==> null
not(1) ==> null
## in
5 in (1, 5) ==> true
5 in (1, 2) ==> false
5 in [1, 5] ==> true
5 in list ==> false
2 in list ==> true
5 in [1..5] ==> true
5 in [1..5) ==> false
5 in ]5..9] ==> false
5 in (4..9) ==> true
5 in < 6 ==> true
5 in (> 6, <= 5) ==> true
5 in ("a", 5) ==> true
5 in ("a", 6) ==> null
5 in [[1..4], [5..6]] ==> true
5 in "a" ==> null
5 in [1.."a"] ==> false
"a" in [1..5] ==> null
5 in (= 5) ==> true
5 in (< "a") ==> null
5 in (< "a", 5) ==> true
5 in (!= 5) ==> false
null in (null) ==> true
## if, quantifiers, loops
if x > 3 then "big" else "small" ==> "big"
if null then 1 else 2 ==> 2
if x < 3 then 1 else 2 ==> 2
some i in list satisfies i > 2 ==> true
some i in list satisfies i > 3 ==> false
every i in list satisfies i > 0 ==> true
every i in list satisfies i > 1 ==> false
every i in [] satisfies i > 1 ==> true
some i in [] satisfies i > 1 ==> false
some i in [1, null] satisfies i > 1 ==> null
every i in [1, null] satisfies i > 0 ==> null
some i in nothing satisfies true ==> null
some i in 5 satisfies i = 5 ==> true
some i in list, j in list satisfies i + j = 6 ==> true
every i in list, j in [i..3] satisfies j >= i ==> true
for i in 1..3 return i * 2 ==> [2, 4, 6]
for i in 3..1 return i ==> [3, 2, 1]
for i in 1..2, j in 1..2 return 10 * i + j ==> [11, 12, 21, 22]
for i in [1..3] return i ==> [1, 2, 3]
for i in (1..3] return i ==> null
for i in 1..1.5 return i ==> null
for i in 1.."a" return i ==> null
for i in @"2025-02-27"..@"2025-03-01" return i.day ==> [27, 28, 1]
for i in 1..4 return if i < 3 then 1 else sum(partial[-1], partial[-2]) ==> [1, 1, 2, 3]
count(for i in 1..1500 return i) ==> 1500
for i in 1..500001 return 1 ==> null
(function(f) f(f))(function(f) f(f)) ==> null
(function(f) f(f))(function(f) [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[f(f)]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]) ==> null
## lists and filters
list[1] ==> 1
list[-1] ==> 3
list[0] ==> null
list[4] ==> null
list[1.5] ==> null
list[item > 1] ==> [2, 3]
[{a: 1}, {a: 2}][a > 1] ==> [{a: 2}]
[{a: 1}, {b: 2}][a = 1] ==> [{a: 1}]
[{item: 1}, {item: 2}][item = 2] ==> [{item: 2}]
x[1] ==> 5
x[item > 3] ==> [5]
x[2] ==> null
nothing[1] ==> null
nothing[item > 1] ==> []
list[x - 3] ==> 2
list[item] ==> 1
[1, 2][true] ==> [1, 2]
[1, 2]["a"] ==> []
t.b ==> ["p", "q"]
t[a = 1].b ==> ["p"]
t[a = null].b ==> ["q"]
s[1] ==> 7
## contexts, paths, functions
{a: 1, b: a + 1}.b ==> 2
{a: 1, a: 2} ==> null
{full height: 3, h: full height + 1}.h ==> 4
{"odd key!": 1}.a ==> null
[{a: 1}, {a: 2}].a ==> [1, 2]
[{a: [1]}, {}].a ==> [[1], null]
nothing.a ==> null
x.a ==> null
@"2025-03-01".month ==> 3
@"2025-03-01".weekday ==> 6
@"2025-03-01T10:20:30.5+02:00".second ==> 30.5
@"2025-03-01T10:20:30+02:00".time offset ==> @"PT2H"
@"2025-03-01T10:20:30".time offset ==> null
@"2025-07-01T10:20:30@Europe/Paris".time offset ==> @"PT2H"
@"10:20:30@Europe/Paris".timezone ==> "Europe/Paris"
@"2025-03-01T10:20:30".year ==> 2025
@"10:20:30".minute ==> 20
@"10:20:30".year ==> null
@"P1Y6M".years ==> 1
@"-P1Y6M".months ==> -6
@"P1Y".days ==> null
@"P1DT2H3M4.5S".seconds ==> 4.5
@"-P1DT2H".days ==> -1
@"PT50H".hours ==> 2
@"PT90M".minutes ==> 30
@"P1D".years ==> null
[1..5].end ==> 5
(1..5].start included ==> false
(1..5].end included ==> true
[1..5].start ==> 1
[1..5].size ==> null
(function(a, b) a - b)(5, 3) ==> 2
(function(a, b) a - b)(b: 5, a: 3) ==> -2
(function(a, b) a - b)(c: 5, a: 3) ==> null
(function(a: number) a)(5, 3) ==> null
(function(n) if n = 0 then 0 else n)(4) ==> 4
{double: function(n) n * 2, r: double(4)}.r ==> 8
{loop: function(n) loop(n), r: loop(1)}.r ==> null
{y: x}.y ==> 5
x(1) ==> null
undefined(1) ==> null
{f: abs, r: f(-3)}.r ==> 3
## instance of
1 instance of number ==> true
"a" instance of number ==> false
null instance of number ==> false
null instance of Null ==> true
1 instance of Any ==> true
1 instance of nonsense ==> false
[1, 2] instance of list<number> ==> true
[1, "a"] instance of list<number> ==> false
[1..2] instance of range<number> ==> true
["a".."b"] instance of range<number> ==> false
{a: 1, b: null} instance of context<a: number, b: string> ==> true
{a: 1} instance of context<a: string> ==> false
{a: 1} instance of context<c: number> ==> false
{a: [1]} instance of context<a: list<number>> ==> true
@"P1Y" instance of years and months duration ==> true
@"P1D" instance of days and time duration ==> true
@"2025-01-01T00:00:00" instance of date and time ==> true
@"10:00:00" instance of time ==> true
(function(a) a) instance of function<number> -> number ==> true
## dates and durations
@"2025-01-31" + @"P1M" ==> @"2025-02-28"
@"2024-01-31" + @"P1M" ==> @"2024-02-29"
@"P13M" + @"2024-01-31" ==> @"2025-02-28"
@"2024-03-31" - @"P1M" ==> @"2024-02-29"
@"9999-12-01" + @"P1M" ==> null
@"0001-01-01" - @"P1D" ==> null
@"2025-01-31T10:00:00" + @"P1M" ==> @"2025-02-28T10:00:00"
@"2025-01-31T23:00:00" + @"PT2H" ==> @"2025-02-01T01:00:00"
@"2025-01-31" + @"PT36H" ==> @"2025-02-01"
@"23:30:00" + @"PT1H" ==> @"00:30:00"
@"00:30:00" - @"PT1H" ==> @"23:30:00"
@"2025-03-01" - @"2025-02-01" ==> @"P28D"
@"2025-03-01T12:00:00Z" - @"2025-03-01T12:00:00+02:00" ==> @"PT2H"
@"2025-03-01T12:00:00Z" - @"2025-03-01" ==> @"PT12H"
@"2025-03-01T12:00:00" - @"2025-03-01T11:00:00Z" ==> null
@"12:00:00" - @"10:30:00" ==> @"PT1H30M"
@"12:00:00Z" - @"10:30:00" ==> null
@"12:00:00Z" = @"14:00:00+02:00" ==> true
@"12:00:00Z" < @"12:00:00" ==> null
@"2025-01-01T12:00:00Z" > @"2025-01-01T12:00:00" ==> null
@"P1Y" + @"P1M" ==> @"P13M"
@"P1Y" - @"P1M" ==> @"P11M"
@"P1D" + @"PT1H" ==> @"P1DT1H"
@"P1D" - @"PT1H" ==> @"PT23H"
@"P1Y" + @"P1D" ==> null
@"P1Y" * 1.5 ==> @"P18M"
2 * @"P1D" ==> @"P2D"
@"P1Y" / 2 ==> @"P6M"
@"P1D" / 2 ==> @"PT12H"
@"P1Y" / @"P6M" ==> 2
@"P1D" / @"PT6H" ==> 4
@"P1D" / 0 ==> null
@"P1Y" / @"P1D" ==> null
1 / @"P1D" ==> null
1 * "a" ==> null
"a" * 2 ==> null
"a" * "b" ==> null
@"2025-01-01" * 2 ==> null
"a" - "b" ==> null
@"P1D" ** 2 ==> null
-@"P1Y" ==> @"-P1Y"
-@"P1D" ==> @"-P1D"
date("2025-02-29") ==> null
date(2025, 2, 28) ==> @"2025-02-28"
date(2025, 2, 29) ==> null
date(@"2025-03-01T10:00:00") ==> @"2025-03-01"
date(@"2025-03-01") ==> @"2025-03-01"
date("2025-3-1") ==> null
date(10000000000000, 1, 1) ==> null
time("10:20:30") ==> @"10:20:30"
time("24:00:00") ==> null
time("10:60:00") ==> null
time("10:00:60") ==> null
time("10:00:00+15:00") ==> null
time("10:00:00@Nowhere/Land") ==> null
time(10, 20, 30) ==> @"10:20:30"
time(10, 20, 30, @"PT1H") ==> @"10:20:30+01:00"
time(10, 20, 30, null) ==> @"10:20:30"
time(10, 20, 30, "a") ==> null
time(24, 20, 30) ==> null
time(23, 60, 30) ==> null
time(23, 59, 60) ==> null
time(@"2025-03-01T10:00:00") ==> @"10:00:00"
time(@"10:00:00") ==> @"10:00:00"
time(@"2025-03-01") ==> @"00:00:00Z"
date and time("2025-03-01T10:00:00") ==> @"2025-03-01T10:00:00"
date and time("2025-03-01") ==> @"2025-03-01T00:00:00"
date and time("2025-13-01T10:00:00") ==> null
date and time(@"2025-03-01", @"10:00:00") ==> @"2025-03-01T10:00:00"
date and time(@"2025-03-01T11:11:11", @"10:00:00") ==> @"2025-03-01T10:00:00"
date and time(@"2025-03-01") = @"2025-03-01T00:00:00Z" ==> true
date and time(@"2025-03-01T10:00:00") ==> @"2025-03-01T10:00:00"
duration("P1Y2M") ==> @"P14M"
duration("P1DT2H3M4S") ==> @"PT26H3M4S"
duration("P") ==> null
duration("P1YT1H") ==> null
duration(@"P1D") ==> @"P1D"
years and months duration(@"2023-01-31", @"2025-01-30") ==> @"P23M"
years and months duration(@"2025-01-30", @"2023-01-31") ==> @"-P23M"
years and months duration(@"2023-01-31T10:00:00", @"2025-01-31") ==> @"P2Y"
day of year(@"2024-12-31") ==> 366
day of week(@"2025-03-01") ==> "Saturday"
month of year(@"2025-03-01") ==> "March"
week of year(@"2021-01-03") ==> 53
week of year(@"2025-03-01T00:00:00") ==> 9
today() instance of date ==> true
now() ==> @"2026-01-02T03:04:05.25Z"
string(@"10:20:30.500-01:30") ==> "10:20:30.5-01:30"
string(@"10:20:30+01:30:15") ==> "10:20:30+01:30:15"
string(@"2025-03-01T10:20:30@Europe/Paris") ==> "2025-03-01T10:20:30@Europe/Paris"
string(@"2025-03-01") ==> "2025-03-01"
string(@"10:20:30") ==> "10:20:30"
string(@"10:20:30Z") ==> "10:20:30Z"
string(@"10:20:30+00:00") ==> "10:20:30Z"
string(@"P14M") ==> "P1Y2M"
string(@"P0M") ==> "P0M"
string(@"-P1M") ==> "-P1M"
string(@"-P1DT2H3M4.5S") ==> "-P1DT2H3M4.5S"
string(@"P1D") ==> "P1D"
string(@"PT0S") ==> "PT0S"
abs(@"-P1Y") ==> @"P1Y"
abs(@"-P1D") ==> @"P1D"
## numbers
abs(-5) ==> 5
decimal(2.5, 0) ==> 2
decimal(3.5, 0) ==> 4
decimal(1234, -2) ==> 1200
decimal(0.125, 2) ==> 0.12
decimal(1, 7000) ==> null
decimal(1, -7000) ==> null
decimal(5, 2) ==> 5
decimal(0, 2) ==> 0
decimal(1e33, 2) ==> 1e33
decimal(12345678901234567890123456789012.34, 1) ==> 12345678901234567890123456789012.3
floor(-1.5) ==> -2
floor(1.59, 1) ==> 1.5
ceiling(-1.5) ==> -1
ceiling(1.51, 1) ==> 1.6
round up(5.5, 0) ==> 6
round up(-1.121, 2) ==> -1.13
round down(-5.5, 0) ==> -5
round half up(-2.5, 0) ==> -3
round half up(1.124, 2) ==> 1.12
round half down(2.5, 0) ==> 2
round half down(-2.51, 0) ==> -3
modulo(12, 5) ==> 2
modulo(-12, 5) ==> 3
modulo(12, -5) ==> -3
modulo(-12, -5) ==> -2
modulo(10.1, 4.5) ==> 1.1
modulo(10, 5) ==> 0
modulo(1, 0) ==> null
sqrt(16) ==> 4
sqrt(-1) ==> null
log(1) ==> 0
log(0) ==> null
exp(0) ==> 1
odd(5) ==> true
odd(4) ==> false
odd(1.5) ==> null
even(-2) ==> true
even(3) ==> false
even(1.5) ==> null
number("1 234,5", " ", ",") ==> 1234.5
number("1,234.5", ",", ".") ==> 1234.5
number("1.234", ".", ",") ==> 1234
number("1.5") ==> 1.5
number("1.5", ".", ".") ==> null
number("1.5", null, ",") ==> null
number("1,5", null, ",") ==> 1.5
number("1,5", "x", ",") ==> null
number("1,5", null, "x") ==> null
number("abc") ==> null
number("Infinity") ==> null
number(5) ==> 5
abs("a") ==> null
abs() ==> null
abs(1, 2) ==> null
abs(n: -1) ==> 1
abs(m: -1) ==> null
floor(n: 1.55, scale: 1) ==> 1.5
## texts
substring("foobar", 3) ==> "obar"
substring("foobar", 3, 3) ==> "oba"
substring("foobar", -2, 1) ==> "a"
substring("foobar", 0) ==> null
substring("foobar", 1, 0) ==> null
substring("foobar", -9) ==> "foobar"
substring(string: "foobar", start position: 2, length: 2) ==> "oo"
substring("\U01F40Eab", 2) ==> "ab"
string length("\U01F40Eab") ==> 3
upper case("aBc4") ==> "ABC4"
lower case("aBc4") ==> "abc4"
substring before("foobar", "bar") ==> "foo"
substring before("foobar", "xyz") ==> ""
substring before("foobar", "") ==> ""
substring after("foobar", "ob") ==> "ar"
substring after("foobar", "x") ==> ""
substring after("foobar", "") ==> "foobar"
contains("foobar", "ob") ==> true
contains("foobar", "of") ==> false
starts with("foobar", "fo") ==> true
starts with("foobar", "ba") ==> false
ends with("foobar", "r") ==> true
ends with("foobar", "f") ==> false
string join(["a", null, "c"], "-") ==> "a-c"
string join(["a", "b"]) ==> "ab"
string join(["a", 1], "-") ==> null
string join(["a"], 1) ==> null
string(1.10) ==> "1.10"
string("a") ==> "a"
string(null) ==> null
string(true) ==> "true"
string([1, "a", null, false]) ==> "[1, \"a\", null, false]"
string({a: 1, b: "x"}) ==> "{a: 1, b: \"x\"}"
string((1..2]) ==> "(1..2]"
string([1..2)) ==> "[1..2)"
string(function(a) a) ==> null
matches("foobar", "^fo*b") ==> true
matches("foobar", "^Fo*b") ==> false
matches("foobar", "^Fo*bAR$", "i") ==> true
matches("a", "(") ==> null
matches("a", "a", "z") ==> null
matches("a", "a", 1) ==> null
replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") ==> "[1=ab][2=]cd"
replace("abcd", "b", "$0$0") ==> "abbcd"
replace("abcd", "(b)", "\\$\\\\$12") ==> "a$\\b2cd"
replace("abcd", "b", "$9") ==> "acd"
replace("abcd", "b", "$") ==> null
replace("abcd", "b", "\\x") ==> null
replace("abcd", "b", "\\") ==> null
replace("abcdefghijkl", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)", "$12$3$1x$99") ==> "lcaxi9"
replace("a.b", ".", "$", "q") ==> "a$b"
replace("abcd", "x*", "-") ==> null
replace("aaa", "a", "b") ==> "bbb"
replace("abc", "b", "") ==> "ac"
split("a;b;c;;", ";") ==> ["a", "b", "c", "", ""]
split("a1b22c", "[0-9]+") ==> ["a", "b", "c"]
split("abc", "x*") ==> null
split("abc", "x") ==> ["abc"]
## lists
list contains([1, 2, null], null) ==> true
list contains([1, 2], 3) ==> false
count([1, null]) ==> 2
count([]) ==> 0
count(5) ==> 1
sum([1, 2, 3]) ==> 6
sum(1, 2) ==> 3
sum([]) ==> null
sum([1, "a"]) ==> null
sum() ==> null
product([2, 3, 4]) ==> 24
product([]) ==> null
product(2, "a") ==> null
mean([1, 2, 3, 6]) ==> 3
mean([]) ==> null
median(8, 2, 5, 3, 4) ==> 4
median([6, 1, 2, 3]) ==> 2.5
median([]) ==> null
stddev(2, 4, 7, 5) = sqrt(13/3) ==> true
stddev([1]) ==> null
mode(6, 3, 9, 6, 6) ==> [6]
mode([6, 1, 9, 6, 1]) ==> [1, 6]
mode([]) ==> []
min(3, 1, 2) ==> 1
max("a", "c", "b") ==> "c"
max([@"2025-01-01", @"2025-03-01"]) ==> @"2025-03-01"
min([]) ==> null
min([true]) ==> null
max([1, "a"]) ==> null
all([true, true]) ==> true
all([true, null]) ==> null
all([null, false]) ==> false
all([]) ==> true
any([false, true]) ==> true
any([false, null]) ==> null
any([]) ==> false
any([false]) ==> false
sublist([4, 5, 6], 2) ==> [5, 6]
sublist([4, 5, 6], 1, 2) ==> [4, 5]
sublist([4, 5, 6], -2, 1) ==> [5]
sublist([4, 5, 6], 0) ==> null
sublist([4, 5, 6], 5) ==> null
sublist([4, 5, 6], 1, 0) ==> null
sublist([4, 5, 6], 3, 2) ==> null
sublist([4, 5, 6], 1.5) ==> null
append([1], 2, 3) ==> [1, 2, 3]
append([1]) ==> null
concatenate([1, 2], [3], 4) ==> [1, 2, 3, 4]
insert before([1, 3], 2, 2) ==> [1, 2, 3]
insert before([1, 3], -1, 2) ==> [1, 2, 3]
insert before([1, 3], 0, 2) ==> null
remove([1, 2, 3], 2) ==> [1, 3]
remove([1, 2, 3], -3) ==> [2, 3]
remove([1, 2, 3], 4) ==> null
list replace([2, 4, 7], 3, 6) ==> [2, 4, 6]
list replace([2, 4, 7], function(item, newItem) item < newItem, 5) ==> [5, 5, 7]
list replace([2, 4], function(item) true, 5) ==> null
list replace([2, 4], function(item, newItem) 1, 5) ==> null
list replace([2, 4], "a", 5) ==> null
reverse([1, 2, 3]) ==> [3, 2, 1]
index of([1, 2, 3, 2], 2) ==> [2, 4]
union([1, 2], [2, 3]) ==> [1, 2, 3]
distinct values([1, 2.0, 2, "a", "a", [1], [1], null, null]) ==> [1, 2, "a", [1], null]
flatten([[1, [2]], [], 3]) ==> [1, 2, 3]
sort([3, 1, 2]) ==> [1, 2, 3]
sort([3, 1, 2], function(x, y) x > y) ==> [3, 2, 1]
sort([{k: 1, v: 1}, {k: 0, v: 2}, {k: 1, v: 3}], function(x, y) x.k < y.k).v ==> [2, 1, 3]
sort([1, "a"]) ==> null
## contexts and ranges as arguments
get value({a: 1}, "a") ==> 1
get value({a: {b: 2}}, ["a", "b"]) ==> 2
get value({a: 1}, ["a", "b"]) ==> null
get entries({a: 1}) ==> [{key: "a", value: 1}]
context([{key: "a", value: 1}]) ==> {a: 1}
context([{key: "a"}]) ==> null
context([{key: "a", value: 1}, {key: "a", value: 1}]) ==> null
context([1]) ==> null
context put({a: 1}, "b", 2) ==> {a: 1, b: 2}
context put({a: {b: 1}}, ["a", "c"], 2) ==> {a: {b: 1, c: 2}}
context put({a: 1}, ["a", "c"], 2) ==> null
context put({a: {b: 1}}, ["a", 1], 2) ==> null
context put({a: 1}, [], 2) ==> null
context merge([{a: 1}, {a: 2, b: 3}]) ==> {a: 2, b: 3}
context merge([{a: 1}, 2]) ==> null
range("[1..3]") ==> [1..3]
range("(-1..@\"P1D\"]") ==> null
range("(-1..3]") ==> (-1..3]
range("[date(\"2025-01-01\")..@\"2025-02-01\"]") ==> [@"2025-01-01"..@"2025-02-01"]
range("[3..1]") ==> null
range("[x..1]") ==> null
range("[1,2]") ==> null
range("[1..") ==> null
before(1, 10) ==> true
before([1..5], 5) ==> false
before([1..5), 5) ==> true
before(5, (5..9]) ==> true
before([1..5], [4..9]) ==> false
after(10, [1..5]) ==> true
after([1..5], 1) ==> false
meets([1..5], [5..10]) ==> true
meets([1..5), [5..10]) ==> false
meets([1..5], [6..10]) ==> false
met by([5..10], [1..5]) ==> true
overlaps([1..5], [3..8]) ==> true
overlaps([1..5), [5..8]) ==> false
overlaps before([1..5], [3..8]) ==> true
overlaps before([3..8], [1..5]) ==> false
overlaps before([1..8], [3..5]) ==> false
overlaps after([3..8], [1..5]) ==> true
overlaps after([1..5], [3..8]) ==> false
finishes(5, [1..5]) ==> true
finishes(5, [1..5)) ==> false
finishes([3..5], [1..5]) ==> true
finishes([1..5], [3..5]) ==> false
finished by([1..5], 5) ==> true
includes([1..5], 3) ==> true
includes([1..5], 6) ==> false
includes((1..5], [1..5]) ==> false
includes([1..5), (1..5)) ==> true
during(3, [1..5]) ==> true
during([1..6], [1..5]) ==> false
starts(1, [1..5]) ==> true
starts(2, [1..5]) ==> false
starts((1..3], [1..5]) ==> false
starts([1..6], [1..5]) ==> false
started by([1..5], [1..3]) ==> true
coincides([1..5], [1..5]) ==> true
coincides([1..5], [1..5)) ==> false
coincides(3, 3) ==> true
coincides(3, [3..3]) ==> null
before([1..null], 3) ==> null
meets([1..null], [3..4]) ==> null
is(@"12:00:00Z", @"14:00:00+02:00") ==> false
is(1, 1.0) ==> true
is(1, "1") ==> false
## list of one and value coerce
abs([-5]) ==> 5
abs([-5, 1]) ==> null
reverse(5) ==> [5]
"""


def rows(table: str) -> list[tuple[str, str]]:
    lines = [line for line in table.strip().splitlines() if line and not line.startswith("##")]
    return [(left.strip(), right.strip()) for left, _, right in (line.partition(" ==> ") for line in lines)]


NOW = datetime(2026, 1, 2, 3, 4, 5, 250_000, tzinfo=UTC)


def value(text: str) -> Any:
    return feel.evaluate(feel.parse(text, SCOPE), SCOPE, now=NOW)


@pytest.mark.parametrize(("text", "wanted"), rows(TABLE))
def test_standard(text: str, wanted: str) -> None:
    found, expected = value(text), value(wanted)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("text", "wanted"), rows(TABLE))
def test_printed_and_read_again_it_is_the_same(text: str, wanted: str) -> None:
    node = feel.parse(text, SCOPE)
    assert feel.parse(feel.to_text(node), (*SCOPE, "full height", "odd key!")) == node


def test_without_a_clock_today_is_null() -> None:
    assert feel.evaluate(feel.parse("today()")) is None
    assert feel.evaluate(feel.parse("today(1)"), now=NOW) is None
    assert feel.evaluate(feel.parse("now()"), now=NOW.replace(tzinfo=None)) == value('@"2026-01-02T03:04:05.25"')
