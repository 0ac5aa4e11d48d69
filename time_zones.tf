# Schedules whose hour a change of the clocks skips or repeats. EventBridge Scheduler skips a time that does not exist, and
# starts once at one that exists twice: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

locals {
  # Time zone to the [day of week, hour] pairs in which its clocks change. Written by make time-zones. Without schedules nobody
  # needs it, and a root with many module calls would pay for all of them.
  time_zones = jsondecode(length(local.inputs.schedules) == 0 ? "{}" : file("${path.module}/time_zones.json"))

  # The two fields of each cron that decide, with numbers for the names of days and without L and #, which choose among weeks.
  # A schedule of every hour is left out: it misses nothing.
  _hours_and_days = {
    for name, values in { for name in keys(local.schedules) : name => local.cron_values["schedules.${name}.expression"] } : name => {
      hours = values[1]
      days = join("", [
        for part in regexall("[A-Z]+|[^A-Z]", replace(upper(values[4]), "/L$|#.*$/", "")) :
        lookup({ SUN = "1", MON = "2", TUE = "3", WED = "4", THU = "5", FRI = "6", SAT = "7" }, part, part)
      ])
    } if !contains(["", "*"], try(values[1], ""))
  }

  # Their items as ranges of numbers; one that wraps, such as FRI-MON, goes on after the last number.
  _ranges = {
    for name, fields in local._hours_and_days : name => {
      for field, numbers in { hours = range(0, 24), days = range(1, 8) } : field => [
        for item in split(",", fields[field]) : try(
          [
            for parts in regexall("^([*?]|[0-9]+)(?:-([0-9]+))?(?:/([0-9]+))?$", item) : range(
              can(tonumber(parts[0])) ? tonumber(parts[0]) : numbers[0],
              parts[1] != null ? tonumber(parts[1]) + (tonumber(parts[1]) < tonumber(parts[0]) ? length(numbers) : 0) + 1 :
              can(tonumber(parts[0])) && parts[2] == null ? tonumber(parts[0]) + 1 : max(numbers...) + 1,
              tonumber(coalesce(parts[2], "1")),
            )
          ][0], []
        )
      ]
    }
  }

  skipped_schedules = [
    for name, ranges in local._ranges : "schedules.${name} (${local.schedules[name].expression}, ${local.schedules[name].timezone})"
    if anytrue([
      for change in try(local.time_zones[local.schedules[name].timezone], []) : (
        anytrue([for numbers in ranges.days : contains(numbers, change[0]) || contains(numbers, change[0] + 7)])
        && anytrue([for numbers in ranges.hours : contains(numbers, change[1]) || contains(numbers, change[1] + 24)])
      )
    ])
  ]
}
