package main_test

import data.main

report(findings) := {
	"schema": "podroute.report/v1",
	"findings": findings,
	"undecided": [],
	"problems": [],
}

finding(severity) := {
	"rule": "pool/stale-cidr",
	"severity": severity,
	"message": "the CIDR is outside of the pool",
	"effect": "nobody guards it",
	"fix": "put the pool back",
	"objects": [{"kind": "CiliumNode", "namespace": null, "name": "worker-1", "field": "spec"}],
}

message := "CiliumNode worker-1: the CIDR is outside of the pool, and then: nobody guards it. Fix: put the pool back [pool/stale-cidr]"

test_a_report_without_findings_passes if {
	main.deny == set() with input as report([])
	main.warn == set() with input as report([])
}

test_an_error_is_denied if {
	main.deny == {message} with input as report([finding("error")])
	main.warn == set() with input as report([finding("error")])
}

test_a_warning_is_warned_of if {
	main.deny == set() with input as report([finding("warning")])
	main.warn == {message} with input as report([finding("warning")])
}

test_an_info_passes if {
	main.deny == set() with input as report([finding("info")])
	main.warn == set() with input as report([finding("info")])
}

test_a_warning_is_denied_where_the_parameter_says_so if {
	main.deny == {message} with input as report([finding("warning")])
		with data.podroute.severity as "warning"
	main.warn == set() with input as report([finding("warning")])
		with data.podroute.severity as "warning"
}

test_no_verdict_is_denied if {
	undecided := object.union(report([]), {"undecided": ["no Nodes were given"]})
	main.deny == {"no verdict on the routes: no Nodes were given"} with input as undecided
}

test_an_object_that_could_not_be_used_is_denied if {
	problem := {
		"object": {"kind": "ConfigMap", "namespace": "kube-system", "name": "cilium-config", "field": null},
		"severity": "error",
		"message": "it cannot be read",
	}
	nameless := {"object": null, "severity": "error", "message": "it has no kind"}
	main.deny == {
		"ConfigMap kube-system/cilium-config: it cannot be read",
		"an object: it has no kind",
	} with input as object.union(report([]), {"problems": [problem, nameless]})
}

test_an_object_that_could_be_used_in_part_is_warned_of if {
	problem := {
		"object": {"kind": "Node", "namespace": null, "name": "worker-1", "field": "status"},
		"severity": "warning",
		"message": "it has an address that cannot be read",
	}
	main.warn == {"Node worker-1: it has an address that cannot be read"} with input as object.union(report([]), {"problems": [problem]})
	main.deny == set() with input as object.union(report([]), {"problems": [problem]})
}

test_anything_but_a_report_is_denied if {
	every other in [{}, [], {"schema": "podroute.error/v1"}] {
		count(main.deny) == 1 with input as other
	}
}

exception(fields) := object.union({"rule": "pool/stale-cidr", "reason": "moved on Friday"}, fields)

test_an_exception_lets_its_finding_pass if {
	every fields in [{}, {"rule": "pool/*"}, {"kind": "CiliumNode", "name": "worker-1"}] {
		main.deny == set() with input as report([finding("error")])
			with data.podroute.exceptions as [exception(fields)]
		main.warn == set() with input as report([finding("error")])
			with data.podroute.exceptions as [exception(fields)]
	}
}

test_an_exception_for_something_else_covers_nothing if {
	every fields in [{"rule": "pool/overlap"}, {"rule": "po/*"}, {"rule": "pool/stale"}, {"rule": "sctp/*"}, {"name": "worker-2"}, {"namespace": "core"}] {
		main.deny == {message} with input as report([finding("error")])
			with data.podroute.exceptions as [exception(fields)]
		count(main.warn) == 1 with input as report([finding("error")])
			with data.podroute.exceptions as [exception(fields)]
	}
}

test_an_exception_needs_a_reason if {
	unreasoned := [{"rule": "pool/stale-cidr"}]
	main.deny == {message} with input as report([finding("error")])
		with data.podroute.exceptions as unreasoned
	main.warn == {"the exception for pool/stale-cidr has no reason and does not count"} with input as report([finding("error")])
		with data.podroute.exceptions as unreasoned
}
