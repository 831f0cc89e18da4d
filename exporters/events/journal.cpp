#define SD_JOURNAL_SUPPRESS_LOCATION  // the place in our source tells an operator nothing
#include <syslog.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "exporters/events/event_log.h"

namespace halfclosed::exporters {

namespace {

std::string journal_name(const std::string& field) {
    std::string result = "HALFCLOSED_" + field;
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
    return result;
}

}  // namespace

void send_to_journal(const Event& event) {
    const int priority = event.severity == Event::Severity::warning ? LOG_WARNING : LOG_INFO;
    std::vector<std::string> lines{
        "MESSAGE=" + event.message, "PRIORITY=" + std::to_string(priority),
        "SYSLOG_IDENTIFIER=halfclosed", std::string("HALFCLOSED_EVENT=") + name(event.kind)};
    for (const auto& [field, value] : event.fields) {
        lines.push_back(journal_name(field) + "=" + value);
    }
    std::vector<iovec> vectors;
    for (std::string& line : lines) {
        vectors.push_back({line.data(), line.size()});
    }
    sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

}  // namespace halfclosed::exporters
