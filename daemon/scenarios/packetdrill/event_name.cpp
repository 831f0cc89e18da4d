#include "scenarios/packetdrill/event_name.h"

#include <utility>

namespace halfclosed::scenarios::packetdrill {

std::string segment_name(const Segment& segment) {
    constexpr std::pair<char, const char*> kNames[] = {
        {'S', "SYN"}, {'F', "FIN"}, {'R', "RST"}, {'.', "ACK"}};
    std::string text;
    for (const auto& [flag, name] : kNames) {
        if (segment.has(flag)) {
            text += std::string(text.empty() ? "" : " ") + name;
        }
    }
    if (segment.length > 0) {
        text += text.empty() ? "data" : " with data";
    }
    return text.empty() ? "no flags" : text;
}

std::string segment_event(const Segment& segment, const std::string& place) {
    std::string name = segment_name(segment);
    if (place.empty()) {
        return name;
    }
    if (place == "in" || place == "beyond") {
        return name + " " + place + " the window";
    }
    return name + " " + place + " RCV.NXT";
}

std::string call_event(const Call& call) {
    std::string arguments;
    if (call.name == "shutdown" && call.arguments.size() > 1) {
        for (const std::string& name : call.arguments[1].names) {
            arguments += name;
        }
    }
    return call.name + "(" + arguments + ")";
}

std::string sent_text(const Segment& segment) {
    return "> " + to_string(segment);
}

}  // namespace halfclosed::scenarios::packetdrill
