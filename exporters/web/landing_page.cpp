#include "exporters/web/landing_page.h"

#include <map>
#include <utility>

#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/owner_leaks.h"
#include "exporters/snapshot/summary.h"
#include "exporters/web/live_sections.h"
#include "exporters/web/state_diagram.h"
#include "text/markup.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

std::string element(const char* tag, const std::string& content, const char* style = nullptr) {
    const std::string open = style == nullptr ? tag : std::string(tag) + " class=\"" + style + "\"";
    return "<" + open + ">" + content + "</" + tag + ">";
}

std::string heading_cell(const std::string& content, const char* style = "name") {
    return std::string("<th scope=\"row\" class=\"") + style + "\">" + content + "</th>";
}

std::string number_cell(const std::string& content) {
    return element("td", content, "number");
}

struct Column {
    const char* title;
    bool number = false;
};

std::string table(const char* title, std::initializer_list<Column> columns,
                  const std::string& rows) {
    std::string head;
    for (const Column& column : columns) {
        head += std::string(column.number ? "<th scope=\"col\" class=\"number\">"
                                          : "<th scope=\"col\">") +
                column.title + "</th>";
    }
    return std::string("<section><h2>") + title + "</h2>\n<table><thead><tr>" + head +
           "</tr></thead>\n<tbody>\n" + rows + "</tbody></table></section>\n";
}

/// A word with a sign before it: colour is never the only one.
std::string verdict(bool good, const std::string& yes, const std::string& no) {
    return good ? element("td", "✓ " + yes, "good") : element("td", "✗ " + no, "bad");
}

/// What live.js sets anew has an id.
/// `live`: of a page that is served, beside a runbook and perhaps with a script.
std::string status(const Snapshot& snapshot, Instant now, bool live) {
    const bool fresh = snapshot.fresh(now);
    const std::string when = "as of " + text::rfc3339(snapshot.time);
    if (!fresh) {
        return element("p",
                       "✗ The last poll was " + text::duration_text(now - snapshot.instant) +
                           " ago: the current state is unknown.",
                       "status bad");
    }
    if (!snapshot.closing) {
        return element("p", "✗ The last poll got no answer from the kernel, " + when + ".",
                       "status bad");
    }
    const std::string others = beside_the_summary(snapshot);
    const std::string text =
        "<p class=\"status\"><span id=\"summary\">" +
        text::html_prose(summary_sentence(snapshot) + (others.empty() ? "" : " " + others)) +
        "</span> <span class=\"when\" id=\"as-of\">" + when + "</span></p>";
    // The script shows owners as they stand, and a sentence of a moment ago beside them would be false.
    std::string once;
    if (const std::string hidden = unaccounted_sentence(snapshot); !hidden.empty()) {
        once += element("p", text::html_prose(hidden), "status bad");
    }
    if (const std::vector<OwnerLeaks> owners = owner_leaks(snapshot); !owners.empty()) {
        const std::string what_to_do =
            " <a href=\"/runbook#" + runbook_section(owners.front()) + "\">What to do</a>";
        once += element(
            "p",
            text::html_escaped(leak_sentence(owners.front(), !live)) + (live ? what_to_do : ""),
            "status bad");
    }
    if (once.empty()) {
        return text;
    }
    return text + "\n" + (live ? element("noscript", once) : once);
}

std::string states_table(const Snapshot& snapshot, bool fresh) {
    std::string rows;
    for (const TcpState state :
         {TcpState::listen, TcpState::syn_sent, TcpState::syn_recv, TcpState::established,
          TcpState::fin_wait1, TcpState::fin_wait2, TcpState::closing, TcpState::time_wait,
          TcpState::close_wait, TcpState::last_ack}) {
        std::string row = heading_cell(name(state));
        for (const tracking::Side side : tracking::kSides) {
            row += number_cell(count_text(sockets_in(snapshot, state, side, fresh)));
        }
        rows += element("tr", row) + "\n";
    }
    return table("Sockets", {{"state"}, {"server", true}, {"client", true}}, rows);
}

std::string leaks_table(const Snapshot& snapshot) {
    std::string rows;
    for (const LeakCount& leak : leak_counts(snapshot)) {
        if (leak.sockets > 0) {
            rows +=
                element("tr",
                        heading_cell(text::html_escaped(leak.owner), "owner") +
                            element("td", text::html_escaped(snapshot.port_labels[leak.label])) +
                            element("td", name(leak.side)) + element("td", name(leak.cause)) +
                            number_cell(std::to_string(leak.sockets))) +
                "\n";
        }
    }
    const std::string title =
        "In CLOSE-WAIT for longer than " + text::duration_text(snapshot.leak_after);
    return rows.empty()
               ? rows
               : table(title.c_str(), {{"owner"}, {"port"}, {"side"}, {"cause"}, {"sockets", true}},
                       rows);
}

std::string dead_table(const Snapshot& snapshot) {
    std::string rows;
    for (const DeadCount& dead : dead_counts(snapshot)) {
        if (dead.sockets > 0) {
            rows +=
                element("tr",
                        heading_cell(text::html_escaped(dead.owner), "owner") +
                            element("td", text::html_escaped(snapshot.port_labels[dead.label])) +
                            element("td", name(dead.side)) +
                            number_cell(std::to_string(dead.sockets))) +
                "\n";
        }
    }
    return rows.empty() ? rows
                        : table("Dead: the connection is over, the descriptor still open",
                                {{"owner"}, {"port"}, {"side"}, {"sockets", true}}, rows);
}

/// The kernel counts orphans of all namespaces together.
std::string agreement(const tracking::Reconciled& reconciled) {
    return reconciled.elsewhere == 0
               ? "agrees"
               : "agrees, " + std::to_string(reconciled.elsewhere) + " elsewhere";
}

std::string reconciliation_table(const tracking::Reconciliation& reconciliation) {
    std::string rows;
    for (const tracking::Count count : tracking::kCounts) {
        const tracking::Reconciled& reconciled = reconciliation[count];
        rows += element("tr", heading_cell(name(count)) +
                                  number_cell(std::to_string(reconciled.counted)) +
                                  number_cell(std::to_string(reconciled.kernel)) +
                                  verdict(reconciled.agrees, agreement(reconciled), "differs")) +
                "\n";
    }
    return table("Against the kernel’s own counts",
                 {{"sockstat"}, {"counted", true}, {"kernel", true}, {"verdict"}}, rows);
}

/// What was never allowed is no fault.
std::string health(const CollectorHealth& collector, bool fresh) {
    return !collector.allowed && !collector.success
               ? element("td", "not allowed here")
               : verdict(collector.success && fresh, "works", "fails");
}

/// With the one that was asked for, where that is another.
std::string interval_text(const CollectorHealth& collector) {
    std::string text = text::duration_text(collector.interval);
    if (collector.interval > collector.wanted_interval) {
        text += " (asked for: " + text::duration_text(collector.wanted_interval) + ")";
    }
    return text;
}

std::string collectors_table(const Snapshot& snapshot, bool fresh) {
    std::string rows;
    for (const CollectorHealth& collector : snapshot.collectors) {
        rows += element("tr", heading_cell(text::html_escaped(collector.name)) +
                                  health(collector, fresh) +
                                  number_cell(text::duration_text(collector.duration)) +
                                  number_cell(interval_text(collector))) +
                "\n";
    }
    return table("Collectors", {{"name"}, {"health"}, {"took", true}, {"every", true}}, rows);
}

/// "ports <strong>80 and 443</strong>".
std::string watched_ports(const Snapshot& snapshot) {
    if (snapshot.every_port) {
        return element("strong", "all ports");
    }
    return (snapshot.port_labels.size() == 1 ? "port " : "ports ") +
           element("strong", text::html_escaped(ports_text(snapshot.port_labels)));
}

std::string head(const Snapshot& snapshot) {
    const std::string host = text::html_escaped(snapshot.host);
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";
    page += (host.empty() ? "" : host + " · ") + "halfclosed</title>\n";
    page +=
        "<link rel=\"stylesheet\" href=\"/style.css\">\n"
        "<link rel=\"icon\" href=\"/icon.svg\">\n<script src=\"/live.js\" defer></script>\n"
        "</head>\n<body>\n<header>\n<h1>halfclosed " +
        element("small", text::html_escaped(snapshot.build.version)) + "</h1>\n<p>";
    page += host.empty() ? "T" : element("strong", host) + ": t";
    page += "he sockets between one side’s FIN and the other’s, on " + watched_ports(snapshot) +
            ".</p>\n<nav aria-label=\"Data\"><a href=\"/metrics\">Metrics</a> "
            "<a href=\"/runbook\">Runbook</a> <a href=\"/api/v1/snapshot\">Snapshot</a> "
            "<a href=\"/-/ready\">Ready</a> "
            "<a href=\"/-/healthy\">Healthy</a></nav>\n</header>\n<main>\n";
    return page;
}

/// What the script leaves as it is.
std::string tables(const Snapshot& snapshot, bool fresh) {
    std::string page;
    if (fresh && snapshot.closing) {
        page += leaks_table(snapshot) + dead_table(snapshot);
    }
    page += "<div class=\"tables\">\n" + states_table(snapshot, fresh);
    page += "<div>\n" + collectors_table(snapshot, fresh);
    if (fresh && snapshot.census && snapshot.census->reconciliation) {
        page += reconciliation_table(*snapshot.census->reconciliation);
    }
    return page + "</div>\n</div>\n";
}

std::string figure(const Snapshot& snapshot, bool fresh) {
    return "<figure>\n" + state_figure(snapshot, fresh) + "</figure>\n";
}

}  // namespace

std::string landing_page(const Snapshot& snapshot, Instant now) {
    const bool fresh = snapshot.fresh(now);
    std::string page = head(snapshot);
    page += "<p id=\"blind\" class=\"status bad\" role=\"alert\" hidden></p>\n" +
            status(snapshot, now, true) + "\n<div class=\"first\">\n" + figure(snapshot, fresh) +
            "<div>\n" + owners_section(snapshot, fresh && snapshot.closing) + history_section() +
            "</div>\n</div>\n" + tables(snapshot, fresh);
    page +=
        "</main>\n<footer><p>halfclosed " + text::html_escaped(snapshot.build.version) +
        ", revision " + text::html_escaped(snapshot.build.revision) +
        ".<span class=\"still\"> A view of one moment: reload for the next.</span></p></footer>\n"
        "</body>\n</html>\n";
    return page;
}

std::string still_page(const Snapshot& snapshot) {
    return status(snapshot, snapshot.instant, false) + "\n<div class=\"first\">\n" +
           figure(snapshot, true) + owners_section(snapshot, snapshot.closing.has_value()) +
           "</div>\n" + tables(snapshot, true);
}

}  // namespace halfclosed::exporters
