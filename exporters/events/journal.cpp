#define SD_JOURNAL_SUPPRESS_LOCATION  // the place in our source tells an operator nothing
#include <syslog.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "exporters/events/event_log.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

std::string journal_name(const std::string& field) {
    std::string result = "HALFCLOSED_" + field;
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return result;
}

}  // namespace

std::vector<std::string> journal_fields(const Event& event) {
    const int priority = event.severity == Event::Severity::warning ? LOG_WARNING : LOG_INFO;
    std::vector<std::string> lines{
        "MESSAGE=" + text::printable(event.message), "PRIORITY=" + std::to_string(priority),
        "SYSLOG_IDENTIFIER=halfclosed", std::string("HALFCLOSED_EVENT=") + name(event.kind)};
    for (const auto& [field, value] : event.fields) {
        lines.push_back(journal_name(field) + "=" + text::printable(text_of(value)));
    }
    return lines;
}

void send_to_journal(const Event& event) {
    std::vector<std::string> lines = journal_fields(event);
    std::vector<iovec> vectors;
    vectors.reserve(lines.size());
    for (std::string& line : lines) {
        vectors.push_back({line.data(), line.size()});
    }
    sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

}  // namespace halfclosed::exporters
