#!/usr/bin/env python3
"""Questions about dates and durations: see functions_b.py."""
import json, random, sys

ELEMENTS = """January Jan 1 01 Monday Mon 2 _2 02 __2 002 15 3 03 4 04 5 05 2006 06 PM pm MST Z0700 Z070000 Z07 Z07:00
Z07:00:00 -0700 -070000 -07 -07:00 -07:00:00 .000 .0 .999 .999999999 ,000 ,9 .000000000 .0000000000""".split()
BETWEEN = [" ", "-", "/", ":", "T", "", "  ", ", ", "_", "x", "é", ".", "Z", "Q"]
LAYOUTS = ["2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.999999999Z07:00", "Mon Jan _2 15:04:05 2006",
           "Mon, 02 Jan 2006 15:04:05 MST", "02 Jan 06 15:04 -0700", "Monday, 02-Jan-06 15:04:05 MST", "3:04PM",
           "Jan _2 15:04:05.000", "2006-01-02 15:04:05", "2006-01-02", "15:04:05", "20060102150405", "2006-002", "Janet",
           "Monx", "_2006", "2006__2", "05.00", "0", "06-1-2", "15h4m5s"]
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()
ABBREVIATIONS = "UTC CET PST CEST GMT GMT+3 GMT-12 GMT+25 +03 -0530 WITA ChST ABCDE ABCDT AB MST ABCDEF".split()
ZONES = ["UTC", "Local", "", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe",
         "America/Sao_Paulo", "asia/tokyo", "Nope/Nope", "../etc", "Etc/GMT+5", "Pacific/Apia", "GB", "Asia/Kathmandu",
         "Antarctica/Troll", "/UTC", "Europe/Dublin", "America/Caracas", "utc", "Zulu", "GMT"]
UNITS = ["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "", "x", "H"]
DURATIONS = ["", "0", "+", "-", "-0", "+0", ".", "1", "-.s", "1.s", ".5s", "1h-2m", "9223372036854775807ns",
             "9223372036854775808ns", "-9223372036854775808ns", "2562047h47m16.854775807s", "2562047h47m16.854775808s",
             "0.9223372036854775807h", "1.00000000000000000000000001s", "99999999999999999999h", "3000000h", "é"]


def layout(random):
    if random.random() < .35:
        return random.choice(LAYOUTS)
    return "".join(random.choice(ELEMENTS) + random.choice(BETWEEN) for _ in range(random.randint(1, 6)))


def written(random, layout):
    """A date in a layout, not always a right one."""
    year = random.choice([2020, 2021, 1999, 1969, 1970, 2000, 2024, 1, 9999, random.randint(0, 9999)])
    month, day, hour = random.randint(1, 12), random.randint(1, 31), random.randint(0, 23)
    minute, second = random.randint(0, 59), random.randint(0, 59)
    offset = random.choice(["+00", "+02", "-05", "+05", "-11", "+23", "+24", "-00", "+14"])
    rest = random.choice(["00", "30", "45", "59", "61", "60"])
    weekday = random.choice(DAYS)
    fraction = random.choice(["", "", "", ".5", ".123456789012", ",25"])
    parts = [("January", MONTHS[month - 1]), ("Monday", weekday), ("Jan", MONTHS[month - 1][:3]), ("Mon", weekday[:3]),
             ("2006", f"{year:04}"), ("MST", random.choice(ABBREVIATIONS)),
             ("Z07:00:00", random.choice(["Z", f"{offset}:{rest}:00"])), ("Z070000", random.choice(["Z", f"{offset}{rest}30"])),
             ("Z07:00", random.choice(["Z", f"{offset}:{rest}"])), ("Z0700", random.choice(["Z", offset + rest])),
             ("Z07", random.choice(["Z", offset])), ("-07:00:00", f"{offset}:{rest}:59"), ("-070000", f"{offset}{rest}00"),
             ("-07:00", f"{offset}:{rest}"), ("-0700", offset + rest), ("-07", offset),
             (".000000000", f".{random.randint(0, 999999999):09}"), (".999999999", f".{random.randint(0, 99999999999)}"),
             (".000", f".{random.randint(0, 999):03}"), (".999", random.choice(["", ".5", ".123456"])),
             (",000", f",{random.randint(0, 999):03}"), (".0", f".{random.randint(0, 9)}"),
             ("__2", f"{random.randint(1, 366):3}"), ("002", f"{random.randint(0, 367):03}"), ("_2", f"{day:2}"),
             ("01", f"{month:02}"), ("02", f"{day:02}"), ("15", f"{random.choice([hour, hour, 24]):02}"),
             ("03", f"{random.choice([hour % 12 or 12, 13]):02}"), ("04", f"{random.choice([minute, minute, 60]):02}"),
             ("05", f"{random.choice([second, second, 60]):02}{fraction}"), ("06", f"{year % 100:02}"),
             ("PM", random.choice(["AM", "PM", "pm", "XM"])), ("pm", random.choice(["am", "pm", "AM"])), ("1", str(month)),
             ("2", str(day)), ("3", str(hour % 12)), ("4", str(minute)), ("5", str(second))]
    out, at = "", 0
    while at < len(layout):
        for element, text in parts:
            if layout.startswith(element, at):
                out += text
                at += len(element)
                break
        else:
            out += layout[at]
            at += 1
    return out


def changed(random, text):
    for _ in range(random.choice([0, 0, 0, 0, 1, 2])):
        at, kind = random.randint(0, len(text)), random.random()
        if kind < .4:
            text = text[:at] + random.choice('0123456789:-+ TZé.,AaMm"\\') + text[at:]
        else:
            text = text[:at] + (text[at + 1:] if kind < .8 else "")
    return text


def duration(random):
    if random.random() < .1:
        return random.choice(DURATIONS)
    out = random.choice(["", "", "-", "+"])
    for _ in range(random.randint(1, 4)):
        number = [str(random.randint(0, 100)), str(random.randint(0, 99999)), f"{random.uniform(0, 1000):.3f}", f".{random.randint(0, 99)}"]
        out += random.choice(number) + random.choice(UNITS[:8] if random.random() < .95 else UNITS)
    return out


DURATION_METHODS = ["$x.Hours", "$x.Minutes", "$x.Seconds", "$x.Milliseconds", "$x.Microseconds", "$x.Nanoseconds", "$x.Abs",
                    "$x.Round 60000000000", "$x.Truncate 3600000000000", "$x.Round 7", 'printf "%d %v %T" $x $x $x',
                    "$e.Round 3600000000000", "$e.Truncate 86400000000000", "$e.Round 1000"]
TIME_METHODS = ["$d.After $e", "$d.Before $e", "$d.Compare $e", "$d.Equal $e", "$d.Sub $e", "$d.Year", "$d.Month", "$d.Day",
                "$d.Hour", "$d.Minute", "$d.Second", "$d.UnixMilli", "$d.UnixMicro", "$d.UnixNano", "$d.IsZero", "$d.UTC",
                "$d.Local", "$d.MarshalBinary", "$d.GoString", "eq $d $e", "$d.UTC.Location", "$d.IsDST", "$d.ISOWeek",
                "$d.Date", 'printf "%T %v %s %q" $d $d $d $d', "$d.YearDay", "$d.Weekday", "toJson $d", "$d.MarshalText"]


def shown(random, methods):
    return " ".join("{{ %s }}" % method for method in random.sample(methods, 3))


def question(random):
    kind = random.random()
    if kind < .35:
        form = layout(random)
        values = {"l": form, "v": changed(random, written(random, form)), "f": layout(random)}
        template = random.choice([
            "{{ $d := mustToDate .Values.l .Values.v }}{{ $d }}|{{ $d.Unix }}|{{ $d.Nanosecond }}|{{ $d.Location }}",
            "{{ $d := toDate .Values.l .Values.v }}{{ $d.Format .Values.f }}",
            "{{ $d := toDate .Values.l .Values.v }}{{ date .Values.f $d }}|{{ unixEpoch $d }}|{{ toJson $d }}"])
    elif kind < .55:
        seconds = [random.randint(-10**10, 10**10), random.randint(0, 2 * 10**9), random.randint(-10**18, 10**18)]
        values = {"s": str(random.choice(seconds)), "f": layout(random), "z": random.choice(ZONES)}
        template = random.choice([
            "{{ dateInZone .Values.f (int64 .Values.s) .Values.z }}",
            '{{ dateInZone "2006-01-02T15:04:05-07:00:00 MST" (int64 .Values.s) .Values.z }}',
            "{{ htmlDateInZone (int64 .Values.s) .Values.z }}"])
    elif kind < .7:
        values = {"d": duration(random)}
        template = '{{ $d := toDate "2006-01-02" "2021-02-27" }}' + random.choice([
            "{{ mustDateModify .Values.d $d }}",
            "{{ dateModify .Values.d $d }}|{{ (dateModify .Values.d $d).Sub $d }}|{{ durationRound .Values.d }}",
            "{{ $e := dateModify .Values.d $d }}{{ $x := $e.Sub $d }}{{ $x }} " + shown(random, DURATION_METHODS)])
    elif kind < .8:
        numbers = [duration(random), str(random.randint(-10**12, 10**12)), str(random.randint(-2**63, 2**63)), "1e3", "+5", "_1", "9" * 20]
        values = {"d": random.choice(numbers)}
        template = "{{ duration .Values.d }}|{{ duration (int64 .Values.d) }}|{{ durationRound .Values.d }}|{{ durationRound (int64 .Values.d) }}"
    else:
        form = random.choice(LAYOUTS[:10])
        values = {"l": form, "v": written(random, form), "w": written(random, form)}
        more = [random.choice([0, 1, -1, 5, -3000]), random.choice([0, 1, -13, 25]), random.choice([0, 1, -1, 31, 400, -100000])]
        template = "{{ $d := toDate .Values.l .Values.v }}{{ $e := toDate .Values.l .Values.w }}"
        template += "{{ $d.AddDate %d %d %d }} " % tuple(more) + shown(random, TIME_METHODS)
    return {"id": "date", "template": template, "values": values}


def main():
    chance = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        print(json.dumps(question(chance)))


main()
