#include "exporters/web/landing_page.h"

#include <utility>

#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/owner_leaks.h"
#include "exporters/snapshot/summary.h"
#include "exporters/web/live_sections.h"
#include "exporters/web/page_assets.h"
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
    std::string cell = "<th scope=\"row\" class=\"";
    cell.append(style).append("\">").append(content).append("</th>");
    return cell;
}

std::string count_cell(const std::string& content) {
    return element("td", content, "number");
}

struct Column {
    const char* title;
    bool number = false;
};

/// `id` is that of its rows, which live.js sets anew.
std::string table(const char* id, const char* title, std::initializer_list<Column> columns,
                  const std::string& rows) {
    std::string head;
    for (const Column& column : columns) {
        head += std::string(column.number ? "<th scope=\"col\" class=\"number\">"
                                          : "<th scope=\"col\">") +
                column.title + "</th>";
    }
    return std::string("<section") + (rows.empty() ? " hidden" : "") + "><h2>" + title +
           "</h2>\n<table><thead><tr>" + head + "</tr></thead>\n<tbody id=\"" + id + "\">\n" +
           rows + "</tbody></table></section>\n";
}

/// A word with a sign before it: colour is never the only one.
std::string verdict(bool good, const std::string& yes, const std::string& no) {
    return good ? element("td", "✓ " + yes, "good") : element("td", "✗ " + no, "bad");
}

/// Why what the page shows is not the present; empty if it is.
std::string blind_sentence(const Snapshot& snapshot, Instant now) {
    if (!snapshot.fresh(now)) {
        return "✗ The last poll was " + text::duration_text(now - snapshot.instant) +
               " ago: the current state is unknown.";
    }
    return snapshot.closing ? "" : "✗ The last poll got no answer from the kernel.";
}

/// A paragraph that live.js sets anew, and hides while it has nothing to say.
std::string message(const char* id, const char* attributes, const std::string& content) {
    return std::string("<p id=\"") + id + "\" class=\"status bad\"" + attributes +
           (content.empty() ? " hidden>" : ">") + content + "</p>\n";
}

/// Who leaks most, and what to do about it.
std::string worst_owner(const Snapshot& snapshot, bool known, bool linked) {
    const std::vector<OwnerLeaks> owners =
        known ? owner_leaks(snapshot) : std::vector<OwnerLeaks>{};
    const std::string text = owners.empty() ? "" : leak_sentence(owners.front(), !linked);
    const std::string section = owners.empty() ? "closewaitleak" : runbook_section(owners.front());
    std::string content = "<span id=\"worst-text\">" + text::html_prose(text) + "</span>";
    if (linked) {
        content += " <a id=\"worst-link\" href=\"/runbook#" + section + "\">What to do</a>";
    }
    return std::string("<p id=\"worst\" class=\"status bad\"") +
           (owners.empty() ? " hidden>" : ">") + content + "</p>\n";
}

/// What live.js sets anew has an id, and is there whether or not it has anything to say.
std::string status(const Snapshot& snapshot, Instant now, bool linked) {
    const std::string blind = blind_sentence(snapshot, now);
    const std::string others = blind.empty() ? beside_the_summary(snapshot) : "";
    const std::string summary =
        blind.empty() ? summary_sentence(snapshot) + (others.empty() ? "" : " " + others)
                      : "Nothing is known of the present.";
    return message("blind", " role=\"alert\"", blind) +
           worst_owner(snapshot, blind.empty(), linked) +
           message("unaccounted", "",
                   blind.empty() ? text::html_prose(unaccounted_sentence(snapshot)) : "") +
           "<p class=\"status\"><span id=\"summary\">" + text::html_prose(summary) +
           "</span> <span class=\"when\" id=\"as-of\">as of " + text::rfc3339(snapshot.time) +
           "</span></p>";
}

std::string states_table(const Snapshot& snapshot, bool fresh) {
    std::string rows;
    for (const TcpState state :
         {TcpState::listen, TcpState::syn_sent, TcpState::syn_recv, TcpState::established,
          TcpState::fin_wait1, TcpState::fin_wait2, TcpState::closing, TcpState::time_wait,
          TcpState::close_wait, TcpState::last_ack}) {
        std::string row = heading_cell(name(state));
        for (const tracking::Side side : tracking::kSides) {
            row += count_cell(count_text(sockets_in(snapshot, state, side, fresh)));
        }
        rows += element("tr", row) + "\n";
    }
    return table("sockets", "Sockets", {{"state"}, {"server", true}, {"client", true}}, rows);
}

/// The kernel counts orphans of all namespaces together.
std::string agreement(const tracking::Reconciled& reconciled) {
    return reconciled.elsewhere == 0
               ? "agrees"
               : "agrees, " + std::to_string(reconciled.elsewhere) + " elsewhere";
}

std::string reconciliation_table(const Snapshot& snapshot, bool fresh) {
    std::string rows;
    if (fresh && snapshot.census && snapshot.census->reconciliation) {
        for (const tracking::Count count : tracking::kCounts) {
            const tracking::Reconciled& reconciled = (*snapshot.census->reconciliation)[count];
            rows +=
                element("tr", heading_cell(name(count)) +
                                  count_cell(std::to_string(reconciled.counted)) +
                                  count_cell(std::to_string(reconciled.kernel)) +
                                  verdict(reconciled.agrees, agreement(reconciled), "differs")) +
                "\n";
        }
    }
    return table("reconciliation", "Against the kernel’s own counts",
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
                                  count_cell(text::duration_text(collector.duration)) +
                                  count_cell(interval_text(collector))) +
                "\n";
    }
    return table("collectors", "Collectors",
                 {{"name"}, {"health"}, {"took", true}, {"every", true}}, rows);
}

/// "ports <strong>80 and 443</strong>".
std::string watched_ports(const Snapshot& snapshot) {
    if (snapshot.every_port) {
        return element("strong", "all ports");
    }
    return (snapshot.port_labels.size() == 1 ? "port " : "ports ") +
           element("strong", text::html_escaped(ports_text(snapshot.port_labels)));
}

/// The style sheet stands in it, and the script where the first words have been read: a browser shows what it has while
/// it waits for a script, and waits for all there is of a page else.
std::string head(const Snapshot& snapshot, bool known) {
    const std::string host = text::html_escaped(snapshot.host);
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";
    page += (host.empty() ? "" : host + " · ") + "halfclosed</title>\n";
    page += "<link rel=\"icon\" href=\"/icon.svg\">\n<style>" + std::string(kStyleSheet) +
            "</style>\n</head>\n<body" + (known ? "" : " class=\"blind\"") +
            ">\n<header>\n<h1>halfclosed " +
            element("small", text::html_escaped(snapshot.build.version)) + "</h1>\n<p>";
    page += host.empty() ? "T" : element("strong", host) + ": t";
    page += "he sockets between one side’s FIN and the other’s, on " + watched_ports(snapshot) +
            ".</p>\n<nav aria-label=\"Data\"><a href=\"/metrics\">Metrics</a> "
            "<a href=\"/runbook\">Runbook</a> <a href=\"/api/v1/snapshot\">Snapshot</a> "
            "<a href=\"/-/ready\">Ready</a> "
            "<a href=\"/-/healthy\">Healthy</a></nav>\n</header>\n<main>\n"
            "<script src=\"/live.js\"></script>\n";
    return page;
}

std::string tables(const Snapshot& snapshot, bool fresh) {
    return "<div class=\"tables\">\n" + states_table(snapshot, fresh) + "<div>\n" +
           collectors_table(snapshot, fresh) + reconciliation_table(snapshot, fresh) +
           "</div>\n</div>\n";
}

std::string figure(const Snapshot& snapshot, bool fresh) {
    return "<figure>\n" + state_figure(snapshot, fresh) + "</figure>\n";
}

}  // namespace

std::string landing_page(const Snapshot& snapshot, Instant now) {
    const bool fresh = snapshot.fresh(now);
    std::string page = head(snapshot, fresh && snapshot.closing.has_value());
    page += status(snapshot, now, true) + "\n<div class=\"first\">\n" + figure(snapshot, fresh) +
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
