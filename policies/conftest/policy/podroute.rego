# What Conftest and OPA make of a podroute.report/v1: errors and a missing
# verdict are denied, warnings are warned of.
#
# Parameters, all optional, as data.podroute:
#   severity: warning     warnings are denied as well
#   exceptions:           findings that pass
#   - rule: pool/*        a rule's id, or family/*
#     kind: CiliumNode    whose main object is this; kind, namespace and name
#     name: worker-1      are optional
#     reason: moved on Friday
package main

deny contains finding_message(finding) if {
	some finding in input.findings
	finding.severity in denied
	not excepted(finding)
}

deny contains message if {
	some reason in input.undecided
	message := sprintf("no verdict on the routes: %s", [reason])
}

deny contains message if {
	some problem in input.problems
	problem.severity in denied
	message := sprintf("%s: %s", [place(problem.object), problem.message])
}

# Anything else than a report would pass every rule above.
deny contains message if {
	not is_report
	message := "this is no podroute.report/v1: give it the output of podroute check --format json"
}

warn contains finding_message(finding) if {
	some finding in input.findings
	finding.severity == "warning"
	not finding.severity in denied
	not excepted(finding)
}

warn contains message if {
	some problem in input.problems
	problem.severity == "warning"
	not problem.severity in denied
	message := sprintf("%s: %s", [place(problem.object), problem.message])
}

warn contains message if {
	some exception in exceptions
	not exception.reason
	message := sprintf("the exception for %s has no reason and does not count", [exception.rule])
}

warn contains message if {
	is_report
	some exception in exceptions
	exception.reason
	every finding in input.findings {
		not covers(exception, finding)
	}
	message := sprintf("the exception for %s covers no finding: %s", [exception.rule, exception.reason])
}

is_report if input.schema == "podroute.report/v1"

default denied := {"error"}

denied := {"error", "warning"} if data.podroute.severity == "warning"

default exceptions := []

exceptions := data.podroute.exceptions

excepted(finding) if {
	some exception in exceptions
	exception.reason
	covers(exception, finding)
}

covers(exception, finding) if {
	covers_rule(exception.rule, finding.rule)
	every field in ["kind", "namespace", "name"] {
		object.get(exception, field, finding.objects[0][field]) == finding.objects[0][field]
	}
}

covers_rule(rule, id) if rule == id

covers_rule(rule, id) if {
	endswith(rule, "/*")
	startswith(id, trim_suffix(rule, "*"))
}

finding_message(finding) := sprintf(
	"%s: %s, and then: %s. Fix: %s [%s]",
	[place(finding.objects[0]), finding.message, finding.effect, finding.fix, finding.rule],
)

place(object) := "an object" if object == null

place(object) := sprintf("%s %s", [object.kind, qualified(object)]) if object != null

qualified(object) := object.name if object.namespace == null

qualified(object) := sprintf("%s/%s", [object.namespace, object.name]) if object.namespace != null
