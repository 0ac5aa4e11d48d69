# The syntax of event patterns, as regular expressions for their JSON: EventBridge would refuse the others at apply.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html

locals {
  json = {
    string   = "\"(?:[^\"\\\\]|\\\\.)*\""
    number   = "-?[0-9][0-9.eE+-]*"
    wildcard = "\"\\*?(?:(?:[^\"\\\\*]|\\\\[^\\\\]|\\\\\\\\(?:\\*|\\\\\\\\))\\*?)*\"" # no **, and no backslash but before * or \
  }
  # one, or a list
  json_values = { for kind, item in local.json : kind => "(?:${item}|\\[${item}(?:,${item})*\\])" }

  # what may follow each operator
  _affix = "${local.json.string}|\\{\"equals-ignore-case\":${local.json.string}\\}"
  pattern_operators = {
    prefix             = local._affix
    suffix             = local._affix
    equals-ignore-case = local.json.string
    wildcard           = local.json.wildcard
    cidr               = "\"[0-9A-Fa-f.:]+/[0-9]{1,3}\""
    exists             = "true|false"
    numeric            = "\\[\"(?:[<>]=?|=)\",${local.json.number}\\]|\\[\">=?\",${local.json.number},\"<=?\",${local.json.number}\\]"
    anything-but = join("|", [
      local.json_values.string,
      local.json_values.number,
      "\\{\"(?:prefix|suffix|equals-ignore-case)\":${local.json_values.string}\\}",
      "\\{\"wildcard\":${local.json_values.wildcard}\\}",
    ])
  }
  _operators = join("|", [for operator, value in local.pattern_operators : "\"${operator}\":(?:${value})"])
  _value     = "(?:${local.json.string}|${local.json.number}|true|false|null|\\{(?:${local._operators})\\})"
  _list      = "/\\[${local._value}(?:,${local._value})*\\]/"

  # Lists become l and "$or": becomes r:. Then objects become o, from the inside, up to eight levels.
  _member = "(?:${local.json.string}:[lo]|r:\\[o(?:,o)+\\])"
  _object = "/\\{${local._member}(?:,${local._member})*\\}/"
  _flat_patterns = {
    for name, pattern in local.event_patterns : name =>
    replace(replace(replace(replace(pattern, "\\u003c", "<"), "\\u003e", ">"), "\"$or\":", "r:"), local._list, "l")
    if contains(local.trigger_kinds[name], "event_pattern")
  }
  _shallow_patterns = {
    for name, text in local._flat_patterns : name =>
    replace(replace(replace(replace(text, local._object, "o"), local._object, "o"), local._object, "o"), local._object, "o")
  }
  _reduced_patterns = {
    for name, text in local._shallow_patterns : name =>
    replace(replace(replace(replace(text, local._object, "o"), local._object, "o"), local._object, "o"), local._object, "o")
  }
  malformed_patterns = [for name, text in local._reduced_patterns : name if text != "o"]
}
