#include "scenarios/run/pcap_file.h"

#include <fcntl.h>
#include <pcap/pcap.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "scenarios/run/packet_capture.h"

namespace halfclosed::scenarios {

namespace {

[[noreturn]] void cannot_write(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), path);
}

pcap_pkthdr header(const Frame& frame) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(frame.stamped);
    pcap_pkthdr header{};
    header.ts.tv_sec = static_cast<time_t>(seconds.count());
    // With PCAP_TSTAMP_PRECISION_NANO tv_usec has nanoseconds (pcap_set_tstamp_precision(3pcap)).
    header.ts.tv_usec = static_cast<suseconds_t>((frame.stamped - seconds).count());
    header.caplen = static_cast<bpf_u_int32>(frame.bytes.size());
    header.len = frame.length;
    return header;
}

}  // namespace

void CaptureFile::Close::operator()(pcap* capture) const {
    pcap_close(capture);
}

void CaptureFile::Close::operator()(pcap_dumper* file) const {
    pcap_dump_close(file);
}

CaptureFile::CaptureFile(const std::string& path) : output_(path), path_(path) {
    format_.reset(pcap_open_dead_with_tstamp_precision(DLT_EN10MB, PacketCapture::kSnapLength,
                                                       PCAP_TSTAMP_PRECISION_NANO));
    // pcap_dump_close() closes what it is given.
    std::FILE* const file = fdopen(fcntl(output_.descriptor(), F_DUPFD_CLOEXEC, 0), "wb");
    if (file == nullptr) {
        cannot_write(path);
    }
    file_.reset(pcap_dump_fopen(format_.get(), file));
    if (file_ == nullptr || pcap_dump_flush(file_.get()) != 0) {
        cannot_write(path);
    }
}

CaptureFile::~CaptureFile() = default;

void CaptureFile::add(const Trace& trace) {
    for (const Packet& packet : trace.packets) {
        const pcap_pkthdr written = header(packet.frame);
        pcap_dump(reinterpret_cast<u_char*>(file_.get()), &written,
                  reinterpret_cast<const u_char*>(packet.frame.bytes.data()));
    }
    if (pcap_dump_flush(file_.get()) != 0 || std::ferror(pcap_dump_file(file_.get())) != 0) {
        cannot_write(path_);
    }
    output_.publish();
}

}  // namespace halfclosed::scenarios
