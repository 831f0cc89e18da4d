#include "netlink/recording.h"

#include <linux/netlink.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "netlink/decode.h"
#include "netlink/mptcp_subflows.h"
#include "netlink/reply.h"

namespace halfclosed::netlink {

namespace {

constexpr std::string_view kNote = "halfclosed recording\n";
constexpr std::string_view kPorts = "ports";
constexpr std::string_view kMptcpLine = "protocol mptcp\n";
constexpr std::string_view kTcpLine = "protocol tcp\n";

std::string ports_line(const std::vector<PortRange>& ports) {
    std::string line(kPorts);
    for (const PortRange& range : ports) {
        line += " " + std::to_string(range.first) + "-" + std::to_string(range.last);
    }
    return line + "\n";
}

/// "8080-8080", or nothing.
std::optional<PortRange> range_in(std::string_view word) {
    const char* const end = word.data() + word.size();
    PortRange range;
    const auto first = std::from_chars(word.data(), end, range.first);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') {
        return std::nullopt;
    }
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    const bool valid = last.ec == std::errc{} && last.ptr == end && range.first <= range.last;
    return valid ? std::optional(range) : std::nullopt;
}

void put_note(const std::string& text, std::FILE* file) {
    const std::string payload = std::string(kNote) + text;
    nlmsghdr header{};
    header.nlmsg_type = NLMSG_NOOP;
    header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + payload.size());
    std::string message(reinterpret_cast<const char*>(&header), sizeof header);
    message += payload;
    message.resize(NLMSG_ALIGN(message.size()));
    if (std::fwrite(message.data(), 1, message.size(), file) != message.size()) {
        throw Error::from_errno(Reason::socket, "write to the recording", errno);
    }
}

/// Reads a stream dump by dump, and the notes between them.
class Reader {
 public:
    explicit Reader(const std::string& name) : name_(name) {}

    Recording read(std::span<const std::byte> stream) {
        if (stream.empty()) {
            fail("it is empty");
        }
        while (!stream.empty()) {
            nlmsghdr first{};
            if (stream.size() < sizeof first) {
                fail("it ends inside a message header");
            }
            std::memcpy(&first, stream.data(), sizeof first);
            const bool note = first.nlmsg_type == NLMSG_NOOP && first.nlmsg_len >= sizeof first &&
                              first.nlmsg_len <= stream.size();
            if (note) {
                const auto payload = stream.subspan(sizeof first, first.nlmsg_len - sizeof first);
                take_note({reinterpret_cast<const char*>(payload.data()), payload.size()});
                stream = stream.subspan(
                    std::min<std::size_t>(NLMSG_ALIGN(first.nlmsg_len), stream.size()));
            } else {
                stream = take_dump(stream, first.nlmsg_seq);
            }
        }
        mark_subflows();
        return std::move(recording_);
    }

 private:
    [[noreturn]] void fail(const std::string& why) const {
        throw Error(Reason::truncated, name_, why);
    }

    std::span<const std::byte> take_dump(std::span<const std::byte> stream,
                                         std::uint32_t sequence) {
        Reply reply(name_, sequence);
        stream = reply.consume(stream, [this](std::span<const std::byte> payload) {
            try {
                recording_.records.push_back(decode(payload, protocol_).record);
            } catch (const Error& error) {
                throw Error(error.reason(), name_, error.what());
            }
        });
        if (!reply.complete()) {
            fail("it ends before the end of the dump (NLMSG_DONE)");
        }
        return stream;
    }

    /// What a later version may add is skipped.
    void take_note(std::string_view text) {
        if (!text.starts_with(kNote)) {
            return;
        }
        for (text.remove_prefix(kNote.size()); text.find('\n') != std::string_view::npos;) {
            const std::string_view line = text.substr(0, text.find('\n') + 1);
            text.remove_prefix(line.size());
            if (line == kMptcpLine || line == kTcpLine) {
                protocol_ = line == kMptcpLine ? Protocol::mptcp : Protocol::tcp;
            } else if (line.starts_with(kPorts)) {
                take_ports(line.substr(kPorts.size(), line.size() - kPorts.size() - 1));
            }
        }
    }

    void take_ports(std::string_view words) {
        std::vector<PortRange> ports;
        while (!words.empty()) {
            words.remove_prefix(1);
            const std::string_view word = words.substr(0, words.find(' '));
            words.remove_prefix(word.size());
            const auto range = range_in(word);
            if (!range) {
                throw Error(Reason::malformed, name_,
                            "its note of ports has '" + std::string(word) + "'");
            }
            ports.push_back(*range);
        }
        recording_.ports = std::move(ports);
    }

    void mark_subflows() {
        MptcpSubflows subflows;
        for (const SocketRecord& record : recording_.records) {
            if (record.protocol == Protocol::mptcp) {
                subflows.add_connection(record);
            }
        }
        for (SocketRecord& record : recording_.records) {
            if (record.protocol == Protocol::tcp && subflows.contains(record)) {
                record.protocol = Protocol::mptcp_subflow;
            }
        }
    }

    const std::string& name_;
    Protocol protocol_ = Protocol::tcp;
    Recording recording_;
};

}  // namespace

Recording read_recording(std::span<const std::byte> stream, const std::string& name) {
    return Reader(name).read(stream);
}

std::size_t write_recording(Session& session, const std::vector<PortRange>& ports,
                            std::FILE* file) {
    std::size_t sockets = 0;
    const auto count = [&sockets](const SocketRecord&) { ++sockets; };
    session.tee(file);
    session.dump({kAllStates, ports}, count);
    put_note(ports_line(ports) + std::string(kMptcpLine), file);
    try {
        session.dump({kAllStates, ports, Protocol::mptcp}, count);
    } catch (const Error& error) {
        if (!error.is_refusal()) {
            throw;
        }
    }
    put_note(std::string(kTcpLine), file);
    session.tee(nullptr);
    return sockets;
}

}  // namespace halfclosed::netlink
