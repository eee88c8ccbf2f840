import { Body, Controller, Param, Put } from '@nestjs/common';
import { useTicket, type UseTicket } from '@maru/contracts';
import { Internal } from '@maru/service-kit';
import { z } from 'zod';
import { TicketsRepository } from './tickets.repository';

/** For gateways: a ticket of a stream is good once, at whichever of them. */
@Internal()
@Controller('internal/tickets')
export class TicketsController {
  constructor(private readonly tickets: TicketsRepository) {}

  @Put(':id')
  async use(@Param('id', { schema: z.uuid() }) id: string, @Body({ schema: useTicket }) body: UseTicket) {
    return { mine: await this.tickets.use(id, body) };
  }
}
