"""What the services stand on: PostgreSQL and a broker, ours or somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from mneme_common.adapters.kafka import KafkaClients
from mneme_launcher.broker_keeper import BrokerKeeper
from mneme_launcher.console import Console
from mneme_launcher.home import Home
from mneme_launcher.incarnation import IncarnationRegistry
from mneme_launcher.offspring import Offspring
from mneme_launcher.postgres import PostgresServer
from mneme_launcher.postgres_keeper import PostgresKeeper
from mneme_launcher.provision import DatabaseUrls, provision_embedded, provision_external
from mneme_launcher.settings import StackSettings
from mneme_launcher.stack_secrets import StackSecrets
from mneme_launcher.topic_setup import create_topics


class Backing:
    """Both started together, kept up, and stopped, the broker first. A part that is not ours is only prepared."""

    def __init__(
        self,
        settings: StackSettings,
        home: Home,
        secrets: StackSecrets,
        console: Console,
        offspring: Offspring,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._console = console
        self._kafka = KafkaClients(settings)
        self._server = PostgresServer(home.postgres) if settings.database_url is None else None
        self._postgres = PostgresKeeper(self._server, console, offspring) if self._server else None
        self._broker = self._embedded_broker(offspring) if settings.embedded else None
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> DatabaseUrls:
        """Returns when services can start; raises StackError when they cannot."""
        urls = await self.start_database(self._start_broker())
        if self._broker is not None:
            registry = IncarnationRegistry(urls.writer)
            await asyncio.to_thread(registry.close_all)
            await self._broker.publish(registry)
            self._keep(self._broker.keep(registry), "keep the broker")
        if self._postgres is not None:
            self._keep(self._postgres.keep(), "keep PostgreSQL")
        return urls

    async def start_database(self, *meanwhile: Coroutine[None, None, None]) -> DatabaseUrls:
        """Starts and migrates the database alone, with other work at the same time if there is any."""
        outcomes = await asyncio.gather(self._prepare_database(), *meanwhile, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        urls = outcomes[0]
        assert isinstance(urls, DatabaseUrls)  # noqa: S101  (the first of the gathered)
        return urls

    async def failure(self) -> None:
        """Returns never; raises what ended a keeper, which must not end."""
        await asyncio.gather(*self._keepers, asyncio.Event().wait())

    async def stop(self) -> None:
        """Stops what is ours."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self._broker is not None:
            await self._broker.stop()
        if self._postgres is not None:
            await self._postgres.stop()

    def _keep(self, work: Coroutine[None, None, None], name: str) -> None:
        self._keepers.append(asyncio.create_task(work, name=name))

    def _embedded_broker(self, offspring: Offspring) -> BrokerKeeper:
        settings = self._settings
        return BrokerKeeper(
            self._console,
            offspring,
            self._create_topics,
            partitions=settings.partitions,
            limit_bytes=settings.broker_memory_mib << 20,
        )

    async def _create_topics(self, bootstrap: str) -> None:
        await create_topics(
            bootstrap, self._settings.partitions, names=self._kafka.topics, connection=self._kafka.security()
        )

    async def _start_broker(self) -> None:
        if self._broker is not None:
            self._console.say("starting the broker")
            await self._broker.start()
        elif self._settings.kafka_bootstrap is not None:
            self._console.say(f"using Kafka at {self._settings.kafka_bootstrap}")
            await self._create_topics(self._settings.kafka_bootstrap)

    async def _prepare_database(self) -> DatabaseUrls:
        settings = self._settings
        if self._postgres is not None and self._server is not None:
            self._console.say("starting PostgreSQL")
            await self._postgres.start()
            self._console.say("bringing the schema up to date")
            return await asyncio.to_thread(provision_embedded, self._server, self._secrets)
        self._console.say("bringing the schema of the given database up to date")
        reader, writer = settings.reader_database_url, settings.writer_database_url
        return await asyncio.to_thread(
            provision_external,
            settings.database_url.get_secret_value() if settings.database_url else "",
            self._secrets,
            reader.get_secret_value() if reader else None,
            writer.get_secret_value() if writer else None,
        )
