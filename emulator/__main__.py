"""`python -m emulator`: run it on its own."""

from __future__ import annotations

import argparse
import signal
import sys

from emulator.application import start
from emulator.configuration import EmulatorConfiguration


def configuration_from(arguments: argparse.Namespace) -> EmulatorConfiguration:
    """The settings named on the command line."""
    defaults = EmulatorConfiguration()
    return EmulatorConfiguration(
        app_id=arguments.app_id or defaults.app_id,
        app_secret=arguments.app_secret or defaults.app_secret,
        webhook_url=arguments.webhook,
        oauth_callback_url=arguments.callback,
        trace_url=arguments.trace,
        redelivery_scale=arguments.redelivery_scale,
        latency_milliseconds=arguments.latency,
        calls_per_minute=arguments.calls_per_minute,
        seed=arguments.seed,
        seed_communes=not arguments.empty,
    )


def parser() -> argparse.ArgumentParser:
    """The options, with help in Vietnamese."""
    result = argparse.ArgumentParser(prog="python -m emulator", description="Zalo giả lập cho Official Account")
    result.add_argument("--host", default="127.0.0.1", help="địa chỉ lắng nghe (mặc định 127.0.0.1)")
    result.add_argument("--port", type=int, default=9100, help="cổng (mặc định 9100)")
    result.add_argument("--webhook", help="URL webhook của ứng dụng, vd http://127.0.0.1:8000/webhooks/zalo")
    result.add_argument("--callback", help="callback OAuth đã lưu; bỏ trống thì nhận mọi redirect_uri")
    result.add_argument("--trace", help="mẫu URL xem cách bot quyết định, có {oa_id} và {msg_id}")
    result.add_argument("--app-id", help="app_id")
    result.add_argument("--app-secret", help="khóa bí mật của ứng dụng")
    result.add_argument("--redelivery-scale", type=float, default=1.0, help="nhân với 30 giây, 5 phút, … của Zalo")
    result.add_argument("--latency", type=float, default=0.0, help="độ trễ mỗi lời gọi API, mili giây")
    result.add_argument("--calls-per-minute", type=int, default=4000, help="hạn lời gọi mỗi phút")
    result.add_argument("--seed", type=int, help="số hạt giống: mọi mã lặp lại được")
    result.add_argument("--empty", action="store_true", help="không tạo sẵn OA nào")
    return result


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted or told to end."""
    arguments = parser().parse_args(argv)
    with start(configuration_from(arguments), arguments.host, arguments.port) as running:
        signal.signal(signal.SIGTERM, lambda *_: running.emulator.stopping.set())
        sys.stdout.write(f"Zalo giả lập: {running.url}\n")
        sys.stdout.flush()
        try:
            running.emulator.stopping.wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
